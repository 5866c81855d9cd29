#include "golden.h"

#include "views.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <godseye/base/hash.h>
#include <godseye/guard/grounding.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/pii.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/session.h>
#include <godseye/guard/tokens.h>
#include <godseye/guard/toxicity.h>

namespace godseye::guard::golden {

namespace {

void number(std::string& out, double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, " %.9f", value);
  out += buffer;
}

void add_injection(std::string& out, const Input& input) {
  for (const Source source : {Source::kUser, Source::kDocument, Source::kTool}) {
    const InjectScore score = InjectScorer::shipped().score(input.text, source);
    out += label_name(score.label);
    number(out, score.logit);
    number(out, score.score);
    for (const std::string& reason : score.reasons) out += ' ' + reason;
    out += '\n';
  }
  if (input.question.empty()) return;
  Session session;
  session.score_turn(InjectScorer::shipped(), input.question);
  const InjectScore turn = session.score_turn(InjectScorer::shipped(), input.text);
  out += "turn";
  number(out, turn.score);
  out += '\n';
}

void add_quality(std::string& out, const Input& input) {
  const QualityScore quality =
      score_quality({.question = input.question, .context = input.context, .answer = input.text});
  out += quality.ungrounded ? "ungrounded" : "grounded";
  number(out, quality.score);
  for (const QualityScore::Part& part : quality.parts) number(out, part.measured ? part.value : -1);
  for (const std::string_view reason : quality.reasons) out.append(" ").append(reason);
  for (const std::string& id : quality.product_ids) out += " #" + id;
  const Grounding grounding = score_grounding(input.text, input.context, input.question);
  number(out, grounding.score);
  number(out, grounding.similarity);
  for (const UnsupportedClaim& claim : grounding.unsupported)
    out.append(" ").append(claim_kind_name(claim.kind)).append("@" + std::to_string(claim.start));
  out += '\n';
}

}  // namespace

std::string scores_of(const Input& input) {
  std::string out;
  add_injection(out, input);
  out += "pii";
  for (const PiiEntity& entity : find_pii(input.text)) {
    out.append(" ").append(pii_type_name(entity.type)).append("@" + std::to_string(entity.start));
    out += '-' + std::to_string(entity.end);
    number(out, entity.confidence);
  }
  out += '\n';
  add_quality(out, input);
  const Toxicity toxicity = inspect_toxicity(input.text);
  out += "toxicity";
  number(out, toxicity.score);
  for (const ToxicityHit& hit : toxicity.hits) out.append(" ").append(toxicity_kind_name(hit.kind));
  out += "\nviews";
  for (const View& view : make_views(input.text).views)
    out += ' ' + std::to_string(view.disguises) + ":" + std::to_string(base::hash64(view.text));
  out += '\n';
  return out;
}

double difference(std::string_view a, std::string_view b) {
  constexpr double kOther = std::numeric_limits<double>::infinity();
  double most = 0;
  while (!a.empty() && !b.empty()) {
    const size_t a_end = std::min(a.find_first_of(" \n"), a.size());
    const size_t b_end = std::min(b.find_first_of(" \n"), b.size());
    const std::string x(a.substr(0, a_end));
    const std::string y(b.substr(0, b_end));
    if (x != y) {
      char* x_stop = nullptr;
      char* y_stop = nullptr;
      const double p = std::strtod(x.c_str(), &x_stop);
      const double q = std::strtod(y.c_str(), &y_stop);
      if (*x_stop != '\0' || *y_stop != '\0' || x.empty() || y.empty()) return kOther;
      most = std::max(most, std::fabs(p - q));
    }
    if (a.substr(a_end, 1) != b.substr(b_end, 1)) return kOther;
    a.remove_prefix(std::min(a_end + 1, a.size()));
    b.remove_prefix(std::min(b_end + 1, b.size()));
  }
  return a.empty() && b.empty() ? most : kOther;
}

}  // namespace godseye::guard::golden
