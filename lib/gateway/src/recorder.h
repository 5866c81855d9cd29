#pragma once

#include "call_scorer.h"
#include "finished_call.h"
#include "pressure.h"

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/gateway/gateway.h>

// `Recorder` makes one span of each finished call. Scorers (threads that give way to the loops) score answers, then the
// span thread builds spans, hands batches to `parts.spans` and adds the calls to the log. What `parts.spans` refuses
// for now is kept (bounded) and tried again every second.
//
// `push` never waits, and what it takes is never lost for want of time: first the score is left out (`scoring_max`
// calls wait for theirs), then the texts (`finished_bytes_max`); the span with its tokens and money is made all the
// same. Scorers rest after each few calls while calls in progress wait for a processor (Pressure). Room for spans is
// made by the calls: while `full`, new ones wait before they go to the provider (Call::brake). Only when that lasts
// longer than they wait is a span lost, counted.
namespace godseye::gateway {

struct RecorderStats {
  uint64_t spans_out = 0;
  uint64_t spans_lost = 0;
  uint64_t waiting = 0;
  uint64_t batches = 0;
  uint64_t usage_estimated = 0;
  uint64_t scores_shed = 0;  // those without texts as well
  uint64_t texts_shed = 0;
  uint64_t metrics_lost = 0;
  uint64_t shadowed = 0;  // found with the scores
  std::array<uint64_t, kRules> rule_hits{};
};

class Recorder {
 public:
  Recorder(const GatewayConfig& config, const GatewayParts& parts, CallLog& log);
  ~Recorder();

  // `loops_waited`: of the `loops` I/O loops of the calls, for Pressure.
  void start(unsigned loops, Pressure::Waited loops_waited);
  void push(std::unique_ptr<FinishedCall> call) GE_EXCLUDES(mutex_);
  // As many calls wait for their span as may.
  bool full() const;
  // A line of DogStatsD that is not part of a call any more.
  void push_metric(std::string line) GE_EXCLUDES(mutex_);
  // Works off what is queued, then ends.
  void stop() GE_EXCLUDES(mutex_);
  RecorderStats stats() const;

 private:
  struct Finished {
    std::unique_ptr<FinishedCall> call;
    AnswerScores scores;
    size_t bytes = 0;  // of its texts, when it came
  };
  void score_calls(Pressure& pressure);
  bool take_to_score(std::vector<Finished>& into) GE_EXCLUDES(mutex_);
  void rest() GE_EXCLUDES(mutex_);
  void run();
  bool take(std::vector<Finished>& into, std::string& metrics) GE_EXCLUDES(mutex_);
  void record(std::vector<Finished>& calls);
  void recorded(signal::SpanBatch&& batch, std::vector<CallRecord>& records, size_t bytes);
  void deliver(signal::SpanBatch&& batch);
  bool try_deliver(signal::SpanBatch& batch);
  void retry_held();

  const GatewayConfig& config_;
  const GatewayParts& parts_;
  CallLog& log_;
  CallScorer scorer_;
  mutable base::Mutex mutex_;
  base::ConditionVariable score_wake_;
  base::ConditionVariable wake_;
  std::deque<Finished> to_score_ GE_GUARDED_BY(mutex_);
  std::vector<Finished> ready_ GE_GUARDED_BY(mutex_);
  std::string metrics_ GE_GUARDED_BY(mutex_);
  unsigned idle_scorers_ GE_GUARDED_BY(mutex_) = 0;
  bool idle_ GE_GUARDED_BY(mutex_) = false;  // the span thread waits for a first call
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  bool scored_all_ GE_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> waiting_{0};  // pushed and not delivered
  std::atomic<uint64_t> bytes_{0};    // of their texts
  std::atomic<uint64_t> out_{0};
  std::atomic<uint64_t> lost_{0};
  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> estimated_{0};
  std::atomic<uint64_t> scores_shed_{0};
  std::atomic<uint64_t> texts_shed_{0};
  std::atomic<uint64_t> metrics_lost_{0};
  std::atomic<uint64_t> held_spans_{0};
  std::vector<signal::SpanBatch> held_;  // of the span thread
  std::unique_ptr<Pressure> pressure_;
  std::vector<std::thread> scorers_;
  std::thread thread_;
};

}  // namespace godseye::gateway
