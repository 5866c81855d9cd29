#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <godseye/base/log.h>
#include <godseye/base/mutex.h>
#include <godseye/ddapi/webhook.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/incidents.h>
#include <godseye/respond/notifier.h>

namespace godseye::respond {

using base::ErrorCode;
using base::Status;
using registry::DeliveryRow;
using registry::DeliveryState;
using std::chrono::milliseconds;

namespace {

// Rows looked at in one turn; more than are in flight, so that a slow webhook does not hide the others.
constexpr size_t kDueRowsMax = 256;
// The longest sleep: the wall clock may jump, and a due time with it.
constexpr milliseconds kSleepMax{5'000};
constexpr milliseconds kSleepAfterFailure{1'000};
constexpr int64_t kFinishedKeptS = 30 * 86400;
constexpr int64_t kPruneEveryMs = 3'600'000;
constexpr size_t kErrorBytesMax = 500;

bool worth_a_retry(int status) { return status >= 500 || status == 408 || status == 429; }

}  // namespace

struct Notifier::Impl {
  registry::Registry& registry;
  std::unique_ptr<WebhookCaller> caller;
  base::Clock clock;
  NotifierConfig config;

  base::Mutex mutex;
  base::ConditionVariable changed;     // for the dispatcher: something finished, or `wake`
  base::ConditionVariable work_ready;  // for the callers
  bool stopping GE_GUARDED_BY(mutex) = false;
  bool woken GE_GUARDED_BY(mutex) = false;
  std::deque<DeliveryRow> queue GE_GUARDED_BY(mutex);
  std::set<int64_t> in_flight GE_GUARDED_BY(mutex);  // queued, being called, or waiting to be recorded
  // Recorded since the dispatcher last began to read: what it read may still say that these are due.
  std::set<int64_t> recorded GE_GUARDED_BY(mutex);
  std::map<std::string, size_t> by_webhook GE_GUARDED_BY(mutex);
  std::vector<DeliveryRow> unrecorded GE_GUARDED_BY(mutex);
  std::mt19937_64 random GE_GUARDED_BY(mutex);
  NotifierStats counters GE_GUARDED_BY(mutex);

  std::thread dispatcher;
  std::vector<std::thread> callers;
  int64_t pruned_ms = 0;  // the dispatcher's

  int64_t now_ms() const { return base::unix_millis(clock.wall()); }
  void dispatch_loop();
  milliseconds dispatch_once();
  void call_loop();
  // False when the call was cut short by stopping: then it did not happen.
  bool call(DeliveryRow& row);
  void plan_retry(DeliveryRow& row, int64_t now) GE_REQUIRES(mutex);
  Status record(const DeliveryRow& row);
  void record_or_keep(DeliveryRow row);
  void retry_records();
  void release(const DeliveryRow& row) GE_REQUIRES(mutex);
  void prune(int64_t now);
};

void Notifier::Impl::dispatch_loop() {
  for (;;) {
    retry_records();
    const milliseconds sleep = dispatch_once();
    base::MutexLock lock(mutex);
    const base::TickTime until = clock.tick() + sleep;
    while (!stopping && !woken && changed.wait_until(mutex, until)) {
    }
    if (stopping) return;
    woken = false;
  }
}

// Hands what is due to the callers; returns how long nothing more will be due.
milliseconds Notifier::Impl::dispatch_once() {
  const int64_t now = now_ms();
  prune(now);
  {
    base::MutexLock lock(mutex);
    recorded.clear();
  }
  std::vector<DeliveryRow> due;
  std::optional<int64_t> next;
  Status status = registry.read([&](registry::ReadSession& session) -> Status {
    base::Result<std::vector<registry::OwedChannel>> owed = registry::owed_channels(session, now);
    if (!owed) return std::move(owed).error();
    for (const registry::OwedChannel& channel : *owed) {
      base::Result<std::vector<DeliveryRow>> rows = registry::due_deliveries(session, channel, now, kDueRowsMax);
      if (!rows) return std::move(rows).error();
      due.insert(due.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    }
    base::Result<std::optional<int64_t>> first = registry::next_delivery_ms(session, now);
    if (!first) return std::move(first).error();
    next = *first;
    return base::ok();
  });
  if (!status) {
    spdlog::warn("deliveries could not be read: {}", status.error().message());
    return kSleepAfterFailure;
  }
  const size_t per_webhook = std::max<size_t>(1, config.parallel / 2);
  base::MutexLock lock(mutex);
  for (DeliveryRow& row : due) {
    if (in_flight.contains(row.id) || recorded.contains(row.id) || by_webhook[row.channel] >= per_webhook) continue;
    if (in_flight.size() >= config.parallel * 2) break;
    in_flight.insert(row.id);
    ++by_webhook[row.channel];
    queue.push_back(std::move(row));
    work_ready.notify_one();
  }
  // What is due and was not handed out waits for a call to finish, which wakes us.
  if (!next || *next <= now) return kSleepMax;
  return std::min(kSleepMax, milliseconds(*next - now));
}

void Notifier::Impl::call_loop() {
  for (;;) {
    DeliveryRow row;
    {
      base::MutexLock lock(mutex);
      while (!stopping && queue.empty()) work_ready.wait(mutex);
      if (stopping) return;
      row = std::move(queue.front());
      queue.pop_front();
    }
    if (call(row)) {
      record_or_keep(std::move(row));
    } else {
      base::MutexLock lock(mutex);
      release(row);
    }
  }
}

bool Notifier::Impl::call(DeliveryRow& row) {
  WebhookCall call{
      .url = row.url, .headers = ddapi::decode_headers(row.headers_json), .body = row.body, .timeout = config.timeout};
  call.headers.emplace_back("Content-Type", row.content_type);
  call.headers.emplace_back("User-Agent", "godseye");
  call.headers.emplace_back("X-Godseye-Delivery", row.event_id);
  const base::Result<int> answer = caller->call(call);
  const int64_t now = now_ms();
  base::MutexLock lock(mutex);
  if (!answer && stopping) return false;
  ++counters.calls;
  ++row.attempts;
  row.last_status = answer ? *answer : 0;
  row.last_error = answer ? "" : answer.error().message().substr(0, kErrorBytesMax);
  const bool delivered = answer && *answer >= 200 && *answer < 300;
  const bool again = answer ? worth_a_retry(*answer) : answer.error().code() != ErrorCode::kInvalidArgument;
  if (answer && !delivered) row.last_error = "answered " + std::to_string(*answer);
  if (delivered) {
    row.state = DeliveryState::kDelivered;
    row.done_s = now / 1000;
    ++counters.delivered;
  } else if (again && row.attempts < config.attempts_max) {
    plan_retry(row, now);
    ++counters.retries;
  } else {
    row.state = DeliveryState::kFailed;
    row.done_s = now / 1000;
    ++counters.failed;
  }
  return true;
}

void Notifier::Impl::plan_retry(DeliveryRow& row, int64_t now) {
  double wait_ms = static_cast<double>(config.backoff.count());
  for (int i = 1; i < row.attempts; ++i) wait_ms *= 4;
  wait_ms = std::min(wait_ms, static_cast<double>(config.backoff_max.count()));
  const double unit = static_cast<double>(random() >> 11) / 9007199254740992.0;  // [0, 1)
  row.next_attempt_ms = now + static_cast<int64_t>(wait_ms * (0.75 + 0.5 * unit));
}

Status Notifier::Impl::record(const DeliveryRow& row) {
  return registry.write([&](registry::WriteSession& session) -> Status {
    if (Status status = registry::record_attempt(session, row); !status) return status;
    if (row.state == DeliveryState::kPending || row.incident_id.empty()) return base::ok();
    const bool delivered = row.state == DeliveryState::kDelivered;
    const std::string tries = std::to_string(row.attempts) + (row.attempts == 1 ? " attempt" : " attempts");
    const std::string content = delivered
                                    ? "Webhook `" + row.channel + "` was called (" + tries + ")."
                                    : "Webhook `" + row.channel + "` failed after " + tries + ": " + row.last_error;
    return registry::add_timeline(session, {.incident_id = row.incident_id,
                                            .time_s = row.done_s,
                                            .kind = "delivery",
                                            .content = content,
                                            .data_json = "{}"});
  });
}

// The call was made and may not be made again because its record failed (a full disk, say): the record is kept in
// memory and tried again.
void Notifier::Impl::record_or_keep(DeliveryRow row) {
  Status status = record(row);
  base::MutexLock lock(mutex);
  if (status) {
    release(row);
    return;
  }
  ++counters.records_failed;
  spdlog::warn("delivery {} could not be recorded: {}", row.id, status.error().message());
  unrecorded.push_back(std::move(row));
}

void Notifier::Impl::retry_records() {
  std::vector<DeliveryRow> rows;
  {
    base::MutexLock lock(mutex);
    rows.swap(unrecorded);
  }
  for (DeliveryRow& row : rows) record_or_keep(std::move(row));
}

void Notifier::Impl::release(const DeliveryRow& row) {
  in_flight.erase(row.id);
  recorded.insert(row.id);
  const auto count = by_webhook.find(row.channel);
  if (count != by_webhook.end() && --count->second == 0) by_webhook.erase(count);
  woken = true;
  changed.notify_one();
}

void Notifier::Impl::prune(int64_t now) {
  if (now - pruned_ms < kPruneEveryMs) return;
  pruned_ms = now;
  Status status = registry.write([&](registry::WriteSession& session) {
    return registry::prune_deliveries(session, now / 1000 - kFinishedKeptS, 5000);
  });
  if (!status) spdlog::warn("old deliveries stay for now: {}", status.error().message());
}

Notifier::Notifier(registry::Registry& registry, std::unique_ptr<WebhookCaller> caller, base::Clock clock,
                   NotifierConfig config)
    : impl_(new Impl{.registry = registry, .caller = std::move(caller), .clock = std::move(clock), .config = config}) {
  Impl* impl = impl_.get();
  {
    base::MutexLock lock(impl->mutex);
    impl->random.seed(config.seed);
  }
  for (size_t i = 0; i < std::max<size_t>(1, config.parallel); ++i) {
    impl->callers.emplace_back([impl] { impl->call_loop(); });
  }
  impl->dispatcher = std::thread([impl] { impl->dispatch_loop(); });
}

Notifier::~Notifier() {
  {
    base::MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_all();
    impl_->work_ready.notify_all();
  }
  impl_->caller->stop();
  impl_->dispatcher.join();
  for (std::thread& thread : impl_->callers) thread.join();
}

void Notifier::wake() {
  base::MutexLock lock(impl_->mutex);
  impl_->woken = true;
  impl_->changed.notify_one();
}

NotifierStats Notifier::stats() const {
  base::MutexLock lock(impl_->mutex);
  NotifierStats stats = impl_->counters;
  stats.in_flight = impl_->in_flight.size();
  return stats;
}

}  // namespace godseye::respond
