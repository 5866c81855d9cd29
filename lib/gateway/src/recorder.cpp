#include "recorder.h"

#include <algorithm>
#include <utility>

#include <godseye/base/log.h>
#include <godseye/base/scheduling.h>
#include <godseye/gateway/policy.h>
#include <godseye/net/worker_pool.h>

namespace godseye::gateway {

namespace {

// Long enough for a batch under load, short enough for a page that is looked at.
constexpr std::chrono::milliseconds kGather{20};
constexpr std::chrono::seconds kRetry{1};
constexpr size_t kBatchSpansMax = 512;
constexpr size_t kBatchTextMax = 32u << 20;
constexpr size_t kScoreStep = 32;  // calls that a scorer takes at a time
constexpr size_t kMetricsBytesMax = 1u << 20;
constexpr unsigned kScorersMax = 8;
constexpr std::chrono::milliseconds kRest{25};
// Scores give way to calls and spans on a machine that is busy with both.
constexpr int kScorersNice = 10;

base::TickTime in(const base::Clock& clock, std::chrono::nanoseconds time) { return clock.tick() + time; }

unsigned scorers_of(const GatewayConfig& config) {
  if (config.scoring_threads != 0) return std::min(config.scoring_threads, kScorersMax);
  return std::clamp(std::thread::hardware_concurrency() / 2, 1u, kScorersMax);
}

}  // namespace

Recorder::Recorder(const GatewayConfig& config, const GatewayParts& parts, CallLog& log)
    : config_(config), parts_(parts), log_(log), scorer_(config, parts) {}

Recorder::~Recorder() { stop(); }

void Recorder::start(unsigned loops, Pressure::Waited loops_waited) {
  pressure_ = std::make_unique<Pressure>(parts_.clock, loops, std::move(loops_waited));
  for (unsigned i = 0; i < scorers_of(config_); ++i) {
    scorers_.emplace_back([this, i] {
      net::name_this_thread("gateway.score" + std::to_string(i));
      base::give_way(kScorersNice);
      score_calls(*pressure_);
    });
  }
  thread_ = std::thread([this] {
    net::name_this_thread("gateway.spans");
    base::give_way(0);  // no nicer: calls wait when it falls behind
    run();
  });
}

bool Recorder::full() const { return waiting_.load(std::memory_order_relaxed) >= config_.finished_max; }

void Recorder::push(std::unique_ptr<FinishedCall> call) {
  Finished finished{.call = std::move(call), .scores = {}, .bytes = 0};
  FinishedCall& what = *finished.call;
  finished.bytes = what.text_bytes();
  if (bytes_.load(std::memory_order_relaxed) + finished.bytes > config_.finished_bytes_max) {
    what.usage_estimated = estimate_usage(what);
    drop_texts(what);
    finished.bytes = 0;
  }
  base::MutexLock lock(mutex_);
  // A call that waited in vain for room (Call::brake) finds as much again as there can be calls.
  if (stopping_ || waiting_.load(std::memory_order_relaxed) >= config_.finished_max + config_.connections_max) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  waiting_.fetch_add(1, std::memory_order_relaxed);
  bytes_.fetch_add(finished.bytes, std::memory_order_relaxed);
  if (what.shed == Shed::kNothing && to_score_.size() >= config_.scoring_max) what.shed = Shed::kScores;
  if (what.shed == Shed::kNothing) {
    to_score_.push_back(std::move(finished));
    if (idle_scorers_ > 0 || to_score_.size() % kScoreStep == 0) score_wake_.notify_one();
    return;
  }
  scores_shed_.fetch_add(1, std::memory_order_relaxed);
  if (what.shed == Shed::kTexts) texts_shed_.fetch_add(1, std::memory_order_relaxed);
  ready_.push_back(std::move(finished));
  if (idle_) wake_.notify_one();
}

void Recorder::push_metric(std::string line) {
  base::MutexLock lock(mutex_);
  if (metrics_.size() + line.size() > kMetricsBytesMax) {
    metrics_lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  metrics_ += std::move(line);
  metrics_ += '\n';
}

void Recorder::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    score_wake_.notify_all();
  }
  for (std::thread& scorer : scorers_) scorer.join();
  scorers_.clear();
  {
    base::MutexLock lock(mutex_);
    scored_all_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

// False: nothing comes any more.
bool Recorder::take_to_score(std::vector<Finished>& into) {
  base::MutexLock lock(mutex_);
  // Calls that come within a moment of each other are taken together: a wake-up costs as much as a short score.
  const base::TickTime until = in(parts_.clock, kGather);
  while (!stopping_ && to_score_.size() < kScoreStep) {
    if (!score_wake_.wait_until(mutex_, until)) break;
  }
  ++idle_scorers_;
  while (!stopping_ && to_score_.empty()) score_wake_.wait(mutex_);
  --idle_scorers_;
  for (size_t i = 0; i < kScoreStep && !to_score_.empty(); ++i) {
    into.push_back(std::move(to_score_.front()));
    to_score_.pop_front();
  }
  return !into.empty();
}

// Scoring goes on all the same, at 32 calls in 25 ms: some scores say more than none, and no span waits for its own for
// much longer than a second.
void Recorder::rest() {
  base::MutexLock lock(mutex_);
  const base::TickTime until = in(parts_.clock, kRest);
  while (!stopping_ && score_wake_.wait_until(mutex_, until)) {
  }
}

void Recorder::score_calls(Pressure& pressure) {
  std::vector<Finished> mine;
  while (take_to_score(mine)) {
    for (Finished& finished : mine) finished.scores = scorer_.score(*finished.call);
    {
      base::MutexLock lock(mutex_);
      std::move(mine.begin(), mine.end(), std::back_inserter(ready_));
      if (idle_) wake_.notify_one();
    }
    mine.clear();
    if (pressure.high()) rest();
  }
}

bool Recorder::take(std::vector<Finished>& into, std::string& metrics) {
  base::MutexLock lock(mutex_);
  idle_ = true;
  const base::TickTime until = in(parts_.clock, kRetry);
  while (ready_.empty() && metrics_.empty() && !scored_all_) {
    if (!wake_.wait_until(mutex_, until)) break;
  }
  idle_ = false;
  into.swap(ready_);
  metrics.swap(metrics_);
  return !(scored_all_ && into.empty() && metrics.empty());
}

void Recorder::run() {
  std::vector<Finished> calls;
  std::string metrics;
  while (true) {
    calls.clear();
    metrics.clear();
    if (!take(calls, metrics)) break;
    if (!held_.empty()) retry_held();
    if (!metrics.empty() && parts_.metrics) parts_.metrics(metrics);
    if (calls.empty()) continue;
    record(calls);
    // Those that come meanwhile make the next batch, unless calls wait for them to be gone.
    base::MutexLock lock(mutex_);
    const base::TickTime until = in(parts_.clock, kGather);
    while (!scored_all_ && !full() && wake_.wait_until(mutex_, until)) {
    }
  }
  if (!held_.empty()) retry_held();
  uint64_t left = 0;
  for (const signal::SpanBatch& batch : held_) left += batch.spans.size();
  if (left != 0) spdlog::warn("the spans of {} calls are lost", left);
  lost_.fetch_add(left, std::memory_order_relaxed);
}

void Recorder::record(std::vector<Finished>& calls) {
  signal::SpanBatch batch;
  std::vector<CallRecord> records;
  records.reserve(std::min(calls.size(), kBatchSpansMax));
  size_t bytes = 0;
  for (Finished& finished : calls) {
    FinishedCall& call = *finished.call;
    if (!call.usage_estimated) call.usage_estimated = estimate_usage(call);
    if (call.usage_estimated) estimated_.fetch_add(1, std::memory_order_relaxed);
    double cost = -1;
    if (parts_.price && call.usage.known()) {
      cost = parts_.price(usage_of(call), call.provider_family,
                          call.model_answered.empty() ? call.model_asked : call.model_answered,
                          base::unix_seconds(call.start));
    }
    add_span(call, finished.scores, cost, config_.service, config_.env, batch);
    if (parts_.metrics) {
      for (const std::string& line : call.metric_lines) parts_.metrics(line);
    }
    records.push_back(record_of(std::move(call), finished.scores, cost, config_.service));
    finished.call.reset();
    bytes += finished.bytes;
    if (batch.spans.size() >= kBatchSpansMax || batch.text.size() >= kBatchTextMax) {
      recorded(std::exchange(batch, {}), records, std::exchange(bytes, 0));
    }
  }
  if (!batch.spans.empty()) recorded(std::move(batch), records, bytes);
}

// A batch is complete: its spans go, its calls are shown, and their places are free.
void Recorder::recorded(signal::SpanBatch&& batch, std::vector<CallRecord>& records, size_t bytes) {
  deliver(std::move(batch));
  waiting_.fetch_sub(records.size(), std::memory_order_relaxed);
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  for (CallRecord& record : records) {
    const std::shared_ptr<const CallRecord> shared = log_.add(std::move(record));
    parts_.policy->note_call(*shared);
    if (parts_.recorded) parts_.recorded(shared);
  }
  records.clear();
}

void Recorder::deliver(signal::SpanBatch&& batch) {
  if (try_deliver(batch)) return;
  if (held_spans_.load(std::memory_order_relaxed) + batch.spans.size() > config_.spans_held_max) {
    lost_.fetch_add(batch.spans.size(), std::memory_order_relaxed);
    return;
  }
  held_spans_.fetch_add(batch.spans.size(), std::memory_order_relaxed);
  held_.push_back(std::move(batch));
}

// False: try again later.
bool Recorder::try_deliver(signal::SpanBatch& batch) {
  const uint64_t spans = batch.spans.size();
  batches_.fetch_add(1, std::memory_order_relaxed);
  if (!parts_.spans) {
    out_.fetch_add(spans, std::memory_order_relaxed);
    return true;
  }
  const base::Status delivered = parts_.spans(batch);
  if (delivered) {
    out_.fetch_add(spans, std::memory_order_relaxed);
  } else if (delivered.error().retryable()) {
    return false;
  } else {
    lost_.fetch_add(spans, std::memory_order_relaxed);
    spdlog::warn("the spans of {} calls are lost: {}", spans, delivered.error().message());
  }
  return true;
}

void Recorder::retry_held() {
  std::vector<signal::SpanBatch> waiting;
  waiting.swap(held_);
  for (size_t i = 0; i < waiting.size(); ++i) {
    const uint64_t spans = waiting[i].spans.size();
    if (!try_deliver(waiting[i])) {
      // The others would fare no better now.
      held_.insert(held_.end(), std::make_move_iterator(waiting.begin() + static_cast<ptrdiff_t>(i)),
                   std::make_move_iterator(waiting.end()));
      return;
    }
    held_spans_.fetch_sub(spans, std::memory_order_relaxed);
  }
}

RecorderStats Recorder::stats() const {
  const auto get = [](const std::atomic<uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  RecorderStats stats{.spans_out = get(out_),
                      .spans_lost = get(lost_),
                      .waiting = get(waiting_) + get(held_spans_),
                      .batches = get(batches_),
                      .usage_estimated = get(estimated_),
                      .scores_shed = get(scores_shed_),
                      .texts_shed = get(texts_shed_),
                      .metrics_lost = get(metrics_lost_),
                      .shadowed = scorer_.shadowed()};
  for (size_t i = 0; i < kRules; ++i) stats.rule_hits[i] = scorer_.rule_hits(i);
  return stats;
}

}  // namespace godseye::gateway
