#pragma once

#include "finished_call.h"

#include <godseye/gateway/gateway.h>
#include <godseye/signal/span.h>

// From a finished, scored call to its span and its line in the list of calls. Pure.
namespace godseye::gateway {

struct AnswerScores {
  double quality = signal::kNoScore;
  double toxicity = signal::kNoScore;
  double similarity = signal::kNoScore;
  double ungrounded = signal::kNoScore;
  int32_t recommended = -1;
  int32_t invalid = -1;
};

// Appends the call's span to `batch`, priced by `cost_usd` (below 0: unknown) in a tag.
void add_span(const FinishedCall& call, const AnswerScores& scores, double cost_usd, std::string_view default_service,
              std::string_view default_env, signal::SpanBatch& batch);
// The numbers alone, as a price function wants them.
signal::LlmSpan usage_of(const FinishedCall& call);
CallRecord record_of(FinishedCall&& call, const AnswerScores& scores, double cost_usd,
                     std::string_view default_service);

}  // namespace godseye::gateway
