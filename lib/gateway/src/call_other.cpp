#include "answer_text.h"
#include "call.h"
#include "redact_json.h"

#include <godseye/guard/pii.h>
#include <godseye/guard/pii_memory.h>

// Answers of calls that are forwarded without being understood: files, batches, whatever a provider has besides. What
// of them is text is guarded like an answer, where the route acts on answers at all.
namespace godseye::gateway {

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

bool is_text_answer(const net::Headers& headers) {
  // What is packed cannot be read; the provider was not asked to pack it.
  const std::string_view coding = headers.get("content-encoding");
  if (!coding.empty() && !net::equal_ignoring_case(coding, "identity")) return false;
  const std::string_view type = headers.get("content-type");
  return type.starts_with("text/") || has(type, "json") || has(type, "xml");
}

bool acts_on_answers(const RouteSettings& route) {
  return route.pii_answer == GuardMode::kRedact || route.pii_answer == GuardMode::kBlock ||
         route.leak == GuardMode::kBlock || route.toxicity == GuardMode::kBlock || route.products == GuardMode::kBlock;
}

// False: the answer must not go out. Personal data in JSON is replaced inside its strings and long numbers, so that it
// stays JSON; in other text where it stands.
bool Call::guard_other_answer(std::string& body, const net::Headers& headers) {
  const RouteSettings& route = *route_;
  const auto stop = [&](Rule rule, double score, const std::string& reason) {
    done_->verdict.reasons.push_back(reason);
    done_->sample = body.substr(0, core_.config.observed_bytes_max);
    if (!hit(rule, Outcome::kRefused, score)) return false;
    done_->status = 403;
    done_->error_type = genai::kCodeBlocked;
    done_->error = "the answer was stopped by a guard (" + reason + ")";
    return true;
  };
  if (route.leak == GuardMode::kBlock || route.toxicity == GuardMode::kBlock) {
    const AnswerFinding finding = judge_answer(body, {}, route, done_->verdict.reasons);
    if (finding.stop && stop(finding.rule, finding.score, finding.reason)) return false;
  }
  const bool redacts = route.pii_answer == GuardMode::kRedact;
  if (!redacts && route.pii_answer != GuardMode::kBlock) return true;
  int64_t found = 0;
  std::optional<std::string> redacted;
  if (has(headers.get("content-type"), "json")) redacted = redact_json(body, found);
  if (!redacted) {
    const std::vector<guard::PiiEntity> entities = guard::PiiMemory::shared().find(body);
    found = static_cast<int64_t>(entities.size());
    redacted = guard::redact(body, entities);
  }
  done_->pii_answer = found;
  if (found == 0) return true;
  if (!redacts) return !stop(Rule::kPiiAnswer, -1, "pii:answer");
  done_->verdict.reasons.emplace_back("pii:answer");
  if (hit(Rule::kPiiAnswer, Outcome::kRedacted, -1)) body = *std::move(redacted);
  return true;
}

}  // namespace godseye::gateway
