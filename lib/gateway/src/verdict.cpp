#include <algorithm>

#include <godseye/gateway/verdict.h>

namespace godseye::gateway {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kObserve:
      return "observe";
    case Outcome::kShadow:
      return "shadow";
    case Outcome::kRedacted:
      return "redacted";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kBlocked:
      return "blocked";
  }
  return "";
}

std::string_view rule_name(Rule rule) {
  static constexpr std::string_view kNames[kRules] = {"injection", "pii_prompt", "pii_answer", "image",        "leak",
                                                      "toxicity",  "products",   "block",      "guard_failure"};
  return kNames[static_cast<size_t>(rule)];
}

void Verdict::add(RuleHit hit) {
  outcome = std::max(outcome, hit.enforced ? hit.outcome : Outcome::kShadow);
  hits.push_back(hit);
}

}  // namespace godseye::gateway
