#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What the gateway decided about a call, and why. Plain values.
namespace godseye::gateway {

// Ordered by weight: a call has the highest that applied.
enum class Outcome : uint8_t {
  kObserve = 0,   // passed as it came
  kShadow = 1,    // passed; would have been refused, blocked or redacted
  kRedacted = 2,  // passed after personal data was taken out
  kRefused = 3,   // this message or answer was refused
  kBlocked = 4,   // its session, user, address or key was blocked before
};
// "observe", "shadow", "redacted", "refused", "blocked".
std::string_view outcome_name(Outcome outcome);

// The rules that can act; the names are used in settings, reasons, the shadow report and metrics.
enum class Rule : uint8_t {
  kInjection,     // the new texts of the prompt look like an attack
  kPiiPrompt,     // personal data in the prompt
  kPiiAnswer,     // personal data in the answer
  kImage,         // a hostile or broken image
  kLeak,          // a canary or a passage of the system prompt in the answer
  kToxicity,      // a rude or harmful answer
  kProducts,      // the answer names products that the catalogue does not have
  kBlock,         // a block was in force
  kGuardFailure,  // a guard failed or took too long, and the route fails closed
};
inline constexpr size_t kRules = 9;
// "injection", "pii_prompt", "pii_answer", "image", "leak", "toxicity", "products", "block", "guard_failure".
std::string_view rule_name(Rule rule);

// One thing that a rule did or, in shadow mode, would have done.
struct RuleHit {
  Rule rule = Rule::kInjection;
  Outcome outcome = Outcome::kRefused;  // kRedacted, kRefused or kBlocked
  bool enforced = true;                 // false: shadow mode
  double score = -1;                    // 0–1 where the rule has one
};

struct Verdict {
  Outcome outcome = Outcome::kObserve;
  std::vector<RuleHit> hits;
  std::vector<std::string> reasons;  // strongest first, for people: "override", "session:split_payload", "image:bomb"
  bool guard_failed = false;         // a guard failed or ran out of time; the route's fail mode decided

  bool stopped() const { return outcome == Outcome::kRefused || outcome == Outcome::kBlocked; }
  void add(RuleHit hit);
};

}  // namespace godseye::gateway
