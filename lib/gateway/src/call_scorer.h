#pragma once

#include "finished_call.h"
#include "scored_texts.h"
#include "span_builder.h"

#include <array>
#include <atomic>
#include <string_view>
#include <unordered_map>

#include <godseye/base/mutex.h>
#include <godseye/gateway/gateway.h>
#include <godseye/guard/quality.h>

// What is said about a call after it is over: personal data, quality, toxicity, grounding, products, leaks that are
// only observed. Costs more than all else that a call needs, which is why it may be left out (FinishedCall::shed).
// Threads: any; the lengths of a service's answers are shared under a lock held for a copy.
namespace godseye::gateway {

// Tokens that the provider did not say, from the texts; true when there were any. Never for calls that no provider
// answered.
bool estimate_usage(FinishedCall& call);

class CallScorer {
 public:
  CallScorer(const GatewayConfig& config, const GatewayParts& parts) : config_(config), parts_(parts) {}
  AnswerScores score(FinishedCall& call);
  // What was found here only: calls that shadow mode would have stopped after their end, and by which rule.
  uint64_t shadowed() const { return shadowed_.load(std::memory_order_relaxed); }
  uint64_t rule_hits(size_t rule) const { return rule_hits_[rule].load(std::memory_order_relaxed); }

 private:
  void judge_afterwards(FinishedCall& call);
  void find_personal_data(FinishedCall& call);
  bool is_clean(std::string_view text, bool is_new, int64_t& found);
  guard::LengthHistory lengths_of(uint64_t service) GE_EXCLUDES(mutex_);

  const GatewayConfig& config_;
  const GatewayParts& parts_;
  // System prompts and earlier turns come with every call: what was searched and held nothing is not searched again.
  ScoredTexts clean_;
  std::atomic<uint64_t> shadowed_{0};
  std::array<std::atomic<uint64_t>, kRules> rule_hits_{};
  base::Mutex mutex_;
  std::unordered_map<uint64_t, guard::LengthHistory> lengths_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::gateway
