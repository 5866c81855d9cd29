#include "notifier_impl.h"

#include <algorithm>

#include <godseye/base/log.h>
#include <godseye/notify/render.h>
#include <godseye/registry/incidents.h>

namespace godseye::notify {

using base::Error;
using base::ErrorCode;

namespace {

// The longest sleep: the wall clock may jump, and a due time with it.
constexpr milliseconds kSleepMax{5'000};
constexpr milliseconds kSleepAfterFailure{1'000};
constexpr int64_t kFinishedKeptS = 30 * 86400;
constexpr int64_t kPruneEveryMs = 3'600'000;

std::string told(const DeliveryRow& row) {
  const std::string name = "`" + row.channel + "`";
  if (row.kind == "webhook") return "Webhook " + name;
  if (row.kind == "mail") return "Mail " + (row.target.empty() ? name : "to " + row.target);
  if (row.kind == "slack") return "Slack " + name;
  if (row.kind == "pagerduty") return "PagerDuty " + name;
  return "Channel " + name;
}

std::string timeline_text(const DeliveryRow& row) {
  const std::string tries = std::to_string(row.attempts) + (row.attempts == 1 ? " attempt" : " attempts");
  if (row.state == DeliveryState::kFailed) return told(row) + " failed after " + tries + ": " + row.last_error;
  return told(row) + (row.kind == "webhook" ? " was called (" : " was told (") + tries + ").";
}

}  // namespace

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

Status Notifier::Impl::read_owed(int64_t now, std::vector<Owed>& owed, std::optional<int64_t>& next) {
  return registry.read([&](registry::ReadSession& session) -> Status {
    base::Result<std::vector<registry::OwedChannel>> channels = registry::owed_channels(session, now);
    if (!channels) return std::move(channels).error();
    for (registry::OwedChannel& channel : *channels) {
      auto row = registry::find_channel(session, channel.kind, channel.channel);
      if (!row) return std::move(row).error();
      base::Result<std::vector<DeliveryRow>> due = registry::due_deliveries(session, channel, now, kDigestMax);
      if (!due) return std::move(due).error();
      owed.push_back({.channel = std::move(channel), .row = *std::move(row), .due = *std::move(due)});
    }
    base::Result<std::optional<int64_t>> first = registry::next_delivery_ms(session, now);
    if (!first) return std::move(first).error();
    next = *first;
    return base::ok();
  });
}

// Hands what is due to the senders; returns how long nothing more will be due.
milliseconds Notifier::Impl::dispatch_once() {
  const int64_t now = now_ms();
  prune(now);
  {
    base::MutexLock lock(mutex);
    recorded.clear();
  }
  std::vector<Owed> owed;
  std::optional<int64_t> next;
  if (Status status = read_owed(now, owed, next); !status) {
    spdlog::warn("deliveries could not be read: {}", status.error().message());
    return kSleepAfterFailure;
  }
  int64_t until = now + kSleepMax.count();
  if (next) until = std::min(until, *next);
  base::MutexLock lock(mutex);
  for (Owed& one : owed) {
    if (const int64_t wait = hand_out(one, now); wait > 0) until = std::min(until, wait);
  }
  return milliseconds(std::max<int64_t>(1, until - now));
}

// Returns when to ask again; 0: when a message of this channel ends, which wakes the dispatcher.
int64_t Notifier::Impl::hand_out(Owed& owed, int64_t now) {
  std::erase_if(owed.due, [&](const DeliveryRow& row)
                              GE_REQUIRES(mutex) { return in_flight.contains(row.id) || recorded.contains(row.id); });
  if (owed.due.empty()) return 0;
  ChannelGate::Policy policy;
  if (owed.row) {
    policy = {.rate_per_minute = owed.row->rate_per_minute,
              .digest_after = owed.row->digest_after,
              .digest_window_ms = int64_t{owed.row->digest_window_s} * 1000};
  }
  const std::string key = key_of(owed.channel.kind, owed.channel.channel);
  const ChannelGate::Decision decision = gates[key].decide(now, owed.due.size(), policy);
  if (decision.wait_until_ms > 0) return decision.wait_until_ms;
  const size_t per_channel = std::max<size_t>(1, config.parallel / 2);
  size_t sent = 0;
  while (!owed.due.empty() && jobs_of[key] < per_channel && jobs < config.parallel * 2) {
    if (!decision.digest && sent == decision.singles) return now + 1000;
    // Mail to one address is a message of its own, in a digest too.
    Job job{std::move(owed.due.front())};
    owed.due.erase(owed.due.begin());
    if (decision.digest) {
      const std::string target = job[0].target;
      const auto same = std::partition(owed.due.begin(), owed.due.end(),
                                       [&](const DeliveryRow& row) { return row.target != target; });
      std::move(same, owed.due.end(), std::back_inserter(job));
      owed.due.erase(same, owed.due.end());
      std::sort(job.begin(), job.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
      if (job.size() > 1) ++counters.digests;
    }
    gates[key].sent(now);
    enqueue(std::move(job), now);
    ++sent;
  }
  return 0;
}

void Notifier::Impl::enqueue(Job job, int64_t) {
  for (const DeliveryRow& row : job) in_flight.insert(row.id);
  ++jobs;
  ++jobs_of[key_of(job.front())];
  queue.push_back(std::move(job));
  work_ready.notify_one();
}

void Notifier::Impl::send_loop() {
  for (;;) {
    Job job;
    {
      base::MutexLock lock(mutex);
      while (!stopping && queue.empty()) work_ready.wait(mutex);
      if (stopping) return;
      job = std::move(queue.front());
      queue.pop_front();
    }
    Outcome outcome = send(job);
    if (judge(job, outcome)) {
      record_or_keep(std::move(job), std::move(outcome));
    } else {
      base::MutexLock lock(mutex);
      release(job);
    }
  }
}

base::Result<std::optional<ChannelRow>> Notifier::Impl::channel_of(const DeliveryRow& row) {
  return registry.fetch<std::optional<ChannelRow>>(
      [&](registry::ReadSession& session) { return registry::find_channel(session, row.kind, row.channel); });
}

Outcome Notifier::Impl::send(const Job& job) {
  const base::Result<std::optional<ChannelRow>> channel = channel_of(job.front());
  const int64_t now = now_ms();
  const auto failed = [&](Verdict verdict, std::string why) {
    return Outcome{.result = {.verdict = verdict, .error = std::move(why)}, .began_ms = now, .ended_ms = now};
  };
  if (!channel) return failed(Verdict::kAgain, channel.error().message());
  if (!*channel) return failed(Verdict::kRefused, "the channel was deleted");
  if (!(**channel).enabled) return failed(Verdict::kRefused, "the channel is disabled");
  return send_through(**channel, job);
}

Outcome Notifier::Impl::send_through(const ChannelRow& channel, std::span<const DeliveryRow> rows) {
  Outcome outcome{.result = {}, .began_ms = now_ms()};
  Secrets secrets;
  if (!channel.secret_names.empty()) {
    base::Result<std::string> opened =
        !vault ? base::Result<std::string>(Error(ErrorCode::kUnimplemented, "there is no key to open its secrets with"))
               : registry.fetch<std::string>([&](registry::ReadSession& session) {
                   return registry::channel_secrets(session, *vault, channel.id);
                 });
    if (!opened) {
      outcome.ended_ms = outcome.began_ms;
      outcome.result = {.verdict = Verdict::kRefused, .error = opened.error().message()};
      return outcome;
    }
    secrets = decode_secrets(*opened);
  }
  const SendContext context{.transport = *transport,
                            .channel = channel,
                            .secrets = secrets,
                            .now_s = outcome.began_ms / 1000,
                            .timeout = config.timeout};
  outcome.result = send_message(context, rows);
  outcome.ended_ms = now_ms();
  return outcome;
}

bool Notifier::Impl::judge(Job& job, const Outcome& outcome) {
  const SendResult& result = outcome.result;
  const int64_t now = outcome.ended_ms;
  base::MutexLock lock(mutex);
  if (result.verdict == Verdict::kStopped || (stopping && result.verdict == Verdict::kAgain && result.status == 0)) {
    return false;
  }
  const std::string key = key_of(job.front());
  ChannelGate& gate = gates[key];
  // A delivery uses up attempts while its channel is thought to live; probes of a dead one are free.
  const bool counted = gate.failures() < config.circuit_failures || config.circuit_failures <= 0;
  ++counters.calls;
  if (result.address_refused) ++counters.refused;
  if (result.verdict == Verdict::kAgain) {
    const auto wait = std::min(result.retry_after, config.retry_after_max);
    gate.failed(now, wait, config);
  } else {
    gate.succeeded(result.verdict == Verdict::kTaken ? now : gate.last_success_ms());
  }
  last_errors[key] = result.error;
  const double unit = static_cast<double>(random() >> 11) / 9007199254740992.0;  // [0, 1)
  for (DeliveryRow& row : job) {
    row.last_status = result.status;
    row.last_error = result.error;
    if (counted || result.verdict != Verdict::kAgain) ++row.attempts;
    if (result.verdict == Verdict::kTaken) {
      row.state = DeliveryState::kDelivered;
      row.done_s = now / 1000;
      ++counters.delivered;
    } else if (result.verdict == Verdict::kAgain && row.attempts < config.attempts_max) {
      plan_retry(row, now, unit, result);
      ++counters.retries;
    } else {
      row.state = DeliveryState::kFailed;
      row.done_s = now / 1000;
      ++counters.failed;
    }
  }
  return true;
}

void Notifier::Impl::plan_retry(DeliveryRow& row, int64_t now, double unit, const SendResult& result) {
  double wait_ms = static_cast<double>(config.backoff.count());
  for (int i = 1; i < row.attempts; ++i) wait_ms *= 4;
  wait_ms = std::min(wait_ms, static_cast<double>(config.backoff_max.count()));
  const milliseconds asked = std::min(result.retry_after, config.retry_after_max);
  row.next_attempt_ms = now + std::max(static_cast<int64_t>(wait_ms * (0.75 + 0.5 * unit)), asked.count());
}

Status Notifier::Impl::record(const Job& job, const Outcome& outcome) {
  return registry.write([&](registry::WriteSession& session) -> Status {
    for (const DeliveryRow& row : job) {
      if (Status status = registry::record_attempt(session, row); !status) return status;
      const registry::AttemptRow attempt{.delivery_id = row.id,
                                         .time_ms = outcome.began_ms,
                                         .duration_ms = outcome.ended_ms - outcome.began_ms,
                                         .status = outcome.result.status,
                                         .error = outcome.result.error,
                                         .answer = outcome.result.answer,
                                         .together = static_cast<int64_t>(job.size())};
      if (Status status = registry::add_attempt(session, attempt); !status) return status;
      if (row.state == DeliveryState::kPending || row.incident_id.empty()) continue;
      Status told = registry::add_timeline(session, {.incident_id = row.incident_id,
                                                     .time_s = row.done_s,
                                                     .kind = "delivery",
                                                     .content = timeline_text(row),
                                                     .data_json = "{}"});
      if (!told) return told;
    }
    return base::ok();
  });
}

// The message was sent and may not be sent again because its record failed (a full disk, say): the record is kept in
// memory and tried again.
void Notifier::Impl::record_or_keep(Job job, Outcome outcome) {
  Status status = record(job, outcome);
  base::MutexLock lock(mutex);
  if (status) {
    release(job);
    return;
  }
  ++counters.records_failed;
  spdlog::warn("delivery {} could not be recorded: {}", job.front().id, status.error().message());
  unrecorded.emplace_back(std::move(job), std::move(outcome));
}

void Notifier::Impl::retry_records() {
  std::vector<std::pair<Job, Outcome>> kept;
  {
    base::MutexLock lock(mutex);
    kept.swap(unrecorded);
  }
  for (auto& [job, outcome] : kept) record_or_keep(std::move(job), std::move(outcome));
}

void Notifier::Impl::release(const Job& job) {
  for (const DeliveryRow& row : job) {
    in_flight.erase(row.id);
    recorded.insert(row.id);
  }
  --jobs;
  const auto count = jobs_of.find(key_of(job.front()));
  if (count != jobs_of.end() && --count->second == 0) jobs_of.erase(count);
  woken = true;
  changed.notify_one();
}

void Notifier::Impl::prune(int64_t now) {
  if (now - pruned_ms < kPruneEveryMs) return;
  pruned_ms = now;
  const int64_t age_s = config.age_max.count();
  const std::string reason = "given up: still owed after " + std::to_string(age_s / 3600) + " hours";
  size_t expired = 0;
  Status status = registry.write([&](registry::WriteSession& session) -> Status {
    auto gone = registry::expire_deliveries(session, now / 1000 - age_s, now / 1000, reason);
    if (!gone) return std::move(gone).error();
    expired = *gone;
    return registry::prune_deliveries(session, now / 1000 - kFinishedKeptS, 5000);
  });
  if (!status) spdlog::warn("old deliveries stay for now: {}", status.error().message());
  if (expired > 0) spdlog::warn("{} deliveries were given up: their channels failed too long", expired);
  base::MutexLock lock(mutex);
  counters.failed += expired;
}

Notifier::Notifier(registry::Registry& registry, std::shared_ptr<const registry::KeyVault> vault,
                   std::unique_ptr<Transport> transport, base::Clock clock, NotifierConfig config)
    : impl_(new Impl{.registry = registry,
                     .vault = std::move(vault),
                     .transport = std::move(transport),
                     .clock = std::move(clock),
                     .config = std::move(config)}) {
  Impl* impl = impl_.get();
  {
    base::MutexLock lock(impl->mutex);
    impl->random.seed(impl->config.seed);
  }
  for (size_t i = 0; i < std::max<size_t>(1, impl->config.parallel); ++i) {
    impl->senders.emplace_back([impl] { impl->send_loop(); });
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
  impl_->transport->stop();
  impl_->dispatcher.join();
  for (std::thread& thread : impl_->senders) thread.join();
}

void Notifier::wake() {
  base::MutexLock lock(impl_->mutex);
  impl_->woken = true;
  impl_->changed.notify_one();
}

base::Result<TestResult> Notifier::test(int64_t channel_id) {
  {
    base::MutexLock lock(impl_->mutex);
    if (impl_->tests_running >= kTestsMax) return Error(ErrorCode::kQueueFull, "other tests are running; try again");
    ++impl_->tests_running;
  }
  base::Result<TestResult> result = impl_->test(channel_id);
  base::MutexLock lock(impl_->mutex);
  --impl_->tests_running;
  return result;
}

ChannelHealth Notifier::health(const std::string& kind, const std::string& channel) const {
  const int64_t now = impl_->now_ms();
  const std::string key = key_of(kind, channel);
  base::MutexLock lock(impl_->mutex);
  const auto gate = impl_->gates.find(key);
  const auto error = impl_->last_errors.find(key);
  if (gate == impl_->gates.end() || error == impl_->last_errors.end()) return {};
  ChannelHealth health{.state = "ok",
                       .failures_in_a_row = gate->second.failures(),
                       .paused_until_ms = gate->second.open(now) ? gate->second.paused_until_ms() : 0,
                       .last_success_ms = gate->second.last_success_ms(),
                       .last_error = error->second};
  if (!health.last_error.empty()) health.state = "failing";
  if (health.paused_until_ms != 0) health.state = "paused";
  return health;
}

NotifierStats Notifier::stats() const {
  const int64_t now = impl_->now_ms();
  base::MutexLock lock(impl_->mutex);
  NotifierStats stats = impl_->counters;
  stats.in_flight = impl_->in_flight.size();
  stats.circuits_open = static_cast<size_t>(
      std::count_if(impl_->gates.begin(), impl_->gates.end(), [&](const auto& one) { return one.second.open(now); }));
  return stats;
}

}  // namespace godseye::notify
