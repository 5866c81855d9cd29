#include "watchdog.h"

#include <algorithm>

#include <godseye/base/json_text.h>
#include <godseye/base/log.h>

#include <pthread.h>

namespace godseye::app {

Watchdog::Watchdog(WatchdogConfig config, base::Clock clock, Read read)
    : config_(std::move(config)), clock_(std::move(clock)), read_(std::move(read)), thread_([this] { run(); }) {}

void Watchdog::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  client_.stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<Alarm> Watchdog::alarms() const {
  const base::MutexLock lock(mutex_);
  return alarms_;
}

WatchdogStats Watchdog::stats() const {
  return {.alarms = raised_, .told = told_, .calls_failed = calls_failed_, .heartbeats = heartbeats_};
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "watchdog");
  while (true) {
    note(rules_.judge(read_()));
    if (config_.alive) config_.alive();
    tell_all();
    beat();
    const base::TickTime due = clock_.tick() + config_.every;
    base::MutexLock lock(mutex_);
    while (!stopping_ && wake_.wait_until(mutex_, due)) {
    }
    if (stopping_) return;
  }
}

void Watchdog::note(std::vector<Alarm> now) {
  for (Standing& standing : standing_) {
    standing.over = std::none_of(now.begin(), now.end(), [&](const Alarm& a) { return a.name == standing.alarm.name; });
  }
  for (const Alarm& alarm : now) {
    const auto known =
        std::find_if(standing_.begin(), standing_.end(), [&](const Standing& s) { return s.alarm.name == alarm.name; });
    if (known != standing_.end()) {
      known->alarm.text = alarm.text;
      continue;
    }
    raised_.fetch_add(1);
    spdlog::error("{}: {}", alarm.name, alarm.text);
    standing_.push_back({.alarm = alarm});
  }
  const base::MutexLock lock(mutex_);
  alarms_ = std::move(now);
}

void Watchdog::tell_all() {
  for (Standing& standing : standing_) {
    if (!standing.told && !standing.over) standing.told = tell(standing.alarm, true);
  }
  // The end of an alarm that nobody heard of is not told either.
  std::erase_if(standing_, [this](const Standing& standing) {
    if (!standing.over || (standing.told && !tell(standing.alarm, false))) return false;
    spdlog::info("{} is over", standing.alarm.name);
    return true;
  });
}

bool Watchdog::tell(const Alarm& alarm, bool firing) {
  if (config_.alarm_url.empty()) return true;
  const std::string body = "{\"alarm\":" + base::json_quoted(alarm.name) + ",\"state\":\"" +
                           (firing ? "firing" : "resolved") + "\",\"text\":" + base::json_quoted(alarm.text) +
                           ",\"source\":" + base::json_quoted(config_.source) +
                           ",\"time\":" + std::to_string(base::unix_seconds(clock_.wall())) + "}";
  const base::Result<net::HttpReply> reply = client_.send({.method = "POST",
                                                           .url = config_.alarm_url,
                                                           .headers = {{"Content-Type", "application/json"}},
                                                           .body = body,
                                                           .timeout = config_.call_timeout});
  if (reply && reply->status / 100 == 2) {
    told_.fetch_add(1);
    return true;
  }
  calls_failed_.fetch_add(1);
  spdlog::warn("alarm-url: {}", reply ? "answered " + std::to_string(reply->status) : reply.error().message());
  return false;
}

void Watchdog::beat() {
  const base::TickTime now = clock_.tick();
  const bool due = beaten_at_ == base::TickTime{} || now - beaten_at_ >= config_.heartbeat_every;
  if (config_.heartbeat_url.empty() || !standing_.empty() || !due) return;
  beaten_at_ = now;
  const base::Result<net::HttpReply> reply =
      client_.send({.url = config_.heartbeat_url, .timeout = config_.call_timeout});
  if (reply && reply->status / 100 == 2) {
    heartbeats_.fetch_add(1);
    return;
  }
  calls_failed_.fetch_add(1);
  spdlog::warn("heartbeat-url: {}", reply ? "answered " + std::to_string(reply->status) : reply.error().message());
}

}  // namespace godseye::app
