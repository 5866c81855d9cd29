#pragma once

#include "finished_call.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/gateway/gateway.h>
#include <godseye/guard/quality.h>

// `Recorder` is the span thread: it takes finished calls from a bounded queue, scores their answers, makes one span of
// each, hands batches to `parts.spans` and adds the calls to the log. `push` never waits: a full queue is a lost span,
// counted. What `parts.spans` refuses for now is kept (bounded) and tried again every second.
namespace godseye::gateway {

struct RecorderStats {
  uint64_t spans_out = 0;
  uint64_t spans_lost = 0;
  uint64_t waiting = 0;
  uint64_t batches = 0;
  uint64_t usage_estimated = 0;
};

struct AnswerScores;

class Recorder {
 public:
  Recorder(const GatewayConfig& config, const GatewayParts& parts, CallLog& log);
  ~Recorder();

  void start();
  void push(std::unique_ptr<FinishedCall> call) GE_EXCLUDES(mutex_);
  // A line of DogStatsD that is not part of a call any more.
  void push_metric(std::string line) GE_EXCLUDES(mutex_);
  // Works off what is queued, then ends.
  void stop() GE_EXCLUDES(mutex_);
  RecorderStats stats() const GE_EXCLUDES(mutex_);

 private:
  using Calls = std::vector<std::unique_ptr<FinishedCall>>;
  void run();
  // False: nothing comes any more.
  bool take(Calls& into, std::string& metrics) GE_EXCLUDES(mutex_);
  void record(Calls& calls);
  AnswerScores score(FinishedCall& call);
  void deliver(signal::SpanBatch&& batch);
  bool try_deliver(signal::SpanBatch& batch);
  void retry_held();

  const GatewayConfig& config_;
  const GatewayParts& parts_;
  CallLog& log_;
  mutable base::Mutex mutex_;
  base::ConditionVariable wake_;
  Calls queue_ GE_GUARDED_BY(mutex_);
  std::string metrics_ GE_GUARDED_BY(mutex_);
  bool idle_ GE_GUARDED_BY(mutex_) = false;  // the thread waits for a first call
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> out_{0};
  std::atomic<uint64_t> lost_{0};
  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> estimated_{0};
  std::atomic<uint64_t> held_spans_{0};
  // Of the span thread.
  std::vector<signal::SpanBatch> held_;
  std::unordered_map<uint64_t, guard::LengthHistory> lengths_;
  std::thread thread_;
};

}  // namespace godseye::gateway
