#include "event_queue.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <godseye/base/json_text.h>
#include <godseye/sdk/trace.h>

namespace godseye::sdk {
namespace {

void member(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += ',';
  base::append_json_string(key, out);
  out += ':';
  base::append_json_string(value, out);
}

void member(std::string_view key, double value, std::string& out) {
  if (!(value >= 0) || !std::isfinite(value)) return;
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  out += ',';
  base::append_json_string(key, out);
  out += ':';
  out += text;
}

}  // namespace

EventQueue::EventQueue(const Settings& settings, base::Clock clock) : clock_(std::move(clock)), settings_(settings) {}

void EventQueue::add(std::string_view type, std::string_view name, const Action& action) {
  if (settings_.api_url.empty()) return;
  std::string_view session = action.session_id;
  std::string_view user = action.user_id;
  if (const SpanContext* context = active_context()) {
    if (session.empty()) session = context->baggage_item("session.id");
    if (user.empty()) user = context->baggage_item("user.id");
  }
  std::string event = "{\"type\":\"" + std::string(type) + '"';
  member("name", name, event);
  member("session_id", session, event);
  member("user_id", user, event);
  member("service", settings_.service, event);
  member("env", settings_.env, event);
  member("latency_ms", action.latency_ms, event);
  member("cost_usd", action.cost_usd, event);
  member("value", action.value, event);
  if (!action.properties_json.empty()) {
    event += ",\"properties\":";
    event += action.properties_json;
  }
  event += ",\"timestamp_ms\":" + std::to_string(base::unix_millis(clock_.wall())) + "}";
  base::MutexLock lock(mutex_);
  if (closed_ || events_.size() >= settings_.events_max || event.size() > settings_.text_bytes_max) {
    ++dropped_;
    return;
  }
  events_.push_back(std::move(event));
}

std::vector<std::string> EventQueue::take() {
  base::MutexLock lock(mutex_);
  if (events_.size() <= kBatchMax) return std::exchange(events_, {});
  const auto end = events_.begin() + kBatchMax;
  std::vector<std::string> out(std::make_move_iterator(events_.begin()), std::make_move_iterator(end));
  events_.erase(events_.begin(), end);
  return out;
}

uint64_t EventQueue::dropped() const {
  base::MutexLock lock(mutex_);
  return dropped_;
}

void EventQueue::lost(size_t events) {
  base::MutexLock lock(mutex_);
  dropped_ += events;
}

void EventQueue::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
}

Analytics::Analytics(std::shared_ptr<EventQueue> queue) : queue_(std::move(queue)) {}
void Analytics::track_event(std::string_view name, const Action& action) { queue_->add("event", name, action); }
void Analytics::track_endpoint_usage(std::string_view endpoint, const Action& action) {
  queue_->add("endpoint_usage", endpoint, action);
}
void Analytics::track_feature_usage(std::string_view feature, const Action& action) {
  queue_->add("feature_usage", feature, action);
}
void Analytics::track_user_action(std::string_view name, const Action& action) {
  queue_->add("user_action", name, action);
}
void Analytics::track_conversion(std::string_view kind, const Action& action) {
  queue_->add("conversion", kind, action);
}

}  // namespace godseye::sdk
