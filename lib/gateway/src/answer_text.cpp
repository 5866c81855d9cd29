#include "answer_text.h"

#include <algorithm>

#include <godseye/guard/leak.h>
#include <godseye/guard/toxicity.h>

namespace godseye::gateway {

std::string system_prompt_of(const FinishedCall& call) {
  std::string out;
  for (const PromptText& part : call.prompt) {
    if (part.origin == genai::Origin::kSystem) out.append(call.text(part)).append("\n");
  }
  return out;
}

AnswerFinding judge_answer(std::string_view answer, std::string_view system_prompt, const RouteSettings& route,
                           std::vector<std::string>& found) {
  AnswerFinding finding;
  const auto note = [&](Rule rule, GuardMode mode, double score, std::string reason) {
    if (std::find(found.begin(), found.end(), reason) == found.end()) found.push_back(reason);
    if (mode != GuardMode::kBlock || finding.stop) return;
    finding = {.stop = true, .rule = rule, .score = score, .reason = std::move(reason)};
  };
  if (route.leak != GuardMode::kOff && (!route.canaries.empty() || !system_prompt.empty())) {
    const std::vector<std::string_view> canaries(route.canaries.begin(), route.canaries.end());
    const guard::LeakReport leaks = guard::find_leaks(answer, system_prompt, canaries);
    if (!leaks.canaries.empty()) note(Rule::kLeak, route.leak, 1, "leak:canary");
    if (!leaks.passages.empty()) note(Rule::kLeak, route.leak, leaks.overlap, "leak:system_prompt");
  }
  if (route.toxicity == GuardMode::kBlock) {
    const guard::Toxicity toxicity = guard::inspect_toxicity(answer);
    if (toxicity.score >= route.toxicity_refuse) {
      const std::string_view kind =
          toxicity.hits.empty() ? std::string_view("text") : guard::toxicity_kind_name(toxicity.hits.front().kind);
      note(Rule::kToxicity, route.toxicity, toxicity.score, "toxicity:" + std::string(kind));
    }
  }
  return finding;
}

size_t HeldText::release(bool redact, bool last, std::vector<std::string>& out, int64_t& count) {
  std::string text = context_;
  std::vector<size_t> ends;  // of the pieces, in `text`
  for (const std::string& piece : pieces_) ends.push_back((text += piece).size());
  if (ends.empty()) return 0;
  const size_t begin = context_.size();
  size_t limit = last ? text.size() : text.size() - std::min(text.size(), kWindowBytes);
  const std::vector<guard::PiiEntity> entities = guard::find_pii(text);
  // The end of the last piece that is decided, and that no entity straddles.
  const auto piece_end = [&](size_t most) {
    const auto above = std::upper_bound(ends.begin(), ends.end(), most);
    return above == ends.begin() ? begin : *(above - 1);
  };
  limit = piece_end(limit);
  for (size_t i = entities.size(); i-- > 0 && !last;) {
    if (entities[i].start < limit && entities[i].end > limit) limit = piece_end(std::max(entities[i].start, begin));
  }
  if (limit <= begin) return 0;
  size_t at = begin;
  size_t entity = 0;
  const auto released = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), limit) - ends.begin());
  for (size_t i = 0; i < released; ++i) {
    std::string piece;
    while (at < ends[i]) {
      while (entity < entities.size() && entities[entity].end <= at) ++entity;
      if (entity == entities.size() || entities[entity].start >= ends[i]) {
        piece.append(text, at, ends[i] - at);
        at = ends[i];
      } else if (entities[entity].start > at) {
        piece.append(text, at, entities[entity].start - at);
        at = entities[entity].start;
      } else {
        // The name of the kind stands where the entity begins; one that began in what went out is only cut.
        if (entities[entity].start == at) {
          ++count;
          if (redact) piece.append("[").append(guard::pii_type_name(entities[entity].type)).append("]");
        }
        const size_t to = std::min(entities[entity].end, ends[i]);
        if (!redact) piece.append(text, at, to - at);
        at = to;
      }
    }
    out.push_back(std::move(piece));
  }
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(released));
  const size_t kept = std::min(limit, kContextBytes);
  context_ = text.substr(limit - kept, kept);
  return released;
}

}  // namespace godseye::gateway
