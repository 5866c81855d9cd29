#include "notification_json.h"

#include <algorithm>

#include <godseye/ddapi/monitor.h>
#include <godseye/notify/channel.h>
#include <godseye/notify/notification.h>

#include <boost/json.hpp>

namespace godseye::api {

namespace json = boost::json;
using registry::ChannelRow;
using registry::DeliveryRow;

namespace {

json::object channel_object(const ChannelRow& row, const notify::ChannelHealth& health) {
  boost::system::error_code failed;
  json::value settings = json::parse(row.settings_json, failed);
  json::array secrets;
  std::string_view names = row.secret_names;
  while (!names.empty()) {
    const size_t comma = std::min(names.find(','), names.size());
    secrets.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return {{"id", row.id},
          {"kind", row.kind},
          {"name", row.name},
          {"handle", notify::handle_of(row)},
          {"enabled", row.enabled},
          {"settings", failed ? json::value(json::object()) : std::move(settings)},
          {"secrets_set", std::move(secrets)},
          {"rate_per_minute", row.rate_per_minute},
          {"digest_after", row.digest_after},
          {"digest_window_s", row.digest_window_s},
          {"created", row.created_s},
          {"modified", row.modified_s},
          {"health", json::object{{"state", health.state},
                                  {"failures_in_a_row", health.failures_in_a_row},
                                  {"paused_until_ms", health.paused_until_ms},
                                  {"last_success_ms", health.last_success_ms},
                                  {"last_error", health.last_error}}}};
}

json::object delivery_object(const DeliveryRow& row) {
  json::object object{{"id", row.id},
                      {"event_id", row.event_id},
                      {"kind", row.kind},
                      {"channel", row.channel},
                      {"target", row.target},
                      {"state", delivery_state_name(row.state)},
                      {"attempts", row.attempts},
                      {"created", row.created_s},
                      {"done", row.done_s},
                      {"next_attempt_ms", row.next_attempt_ms},
                      {"last_status", row.last_status},
                      {"last_error", row.last_error},
                      {"transition_id", row.transition_id},
                      {"incident_id", row.incident_id}};
  if (!row.url.empty()) object["url"] = shown_url(row.url);
  // Rows of before there were notifications have none.
  if (const auto notification = notify::decode_notification(row.notification); notification) {
    object["title"] = notification->title;
    object["status"] = notify::status_name(notification->status);
    object["monitor_id"] = notification->monitor_id;
    object["group"] = notification->group;
    object["test"] = notification->test;
  }
  return object;
}

}  // namespace

std::string channel_json(const ChannelRow& row, const notify::ChannelHealth& health) {
  return json::serialize(channel_object(row, health));
}

std::string channels_json(const std::vector<ChannelRow>& rows, const std::vector<notify::ChannelHealth>& healths) {
  json::array channels;
  for (size_t i = 0; i < rows.size(); ++i) channels.push_back(channel_object(rows[i], healths[i]));
  return json::serialize(json::object{{"channels", std::move(channels)}});
}

std::string test_json(const notify::TestResult& result) {
  return json::serialize(json::object{{"delivered", result.delivered},
                                      {"status", result.status},
                                      {"error", result.error},
                                      {"answer", result.answer},
                                      {"duration_ms", result.duration_ms},
                                      {"delivery_id", result.delivery_id}});
}

std::string deliveries_json(const std::vector<DeliveryRow>& rows, int64_t next) {
  json::array deliveries;
  for (const DeliveryRow& row : rows) deliveries.push_back(delivery_object(row));
  return json::serialize(json::object{{"deliveries", std::move(deliveries)}, {"next_before", next}});
}

std::string delivery_json(const DeliveryRow& row, const std::vector<registry::AttemptRow>& attempts) {
  json::object object = delivery_object(row);
  json::array log;
  for (const registry::AttemptRow& attempt : attempts) {
    log.push_back(json::object{{"time_ms", attempt.time_ms},
                               {"duration_ms", attempt.duration_ms},
                               {"status", attempt.status},
                               {"error", attempt.error},
                               {"answer", attempt.answer},
                               {"together", attempt.together}});
  }
  object["attempt_log"] = std::move(log);
  return json::serialize(object);
}

std::string shown_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const size_t path = std::min(url.find('/', scheme + 3), url.size());
  const size_t at = url.substr(0, path).rfind('@');
  if (at == std::string_view::npos || at < scheme) return std::string(url);
  return std::string(url.substr(0, scheme + 3)).append(url.substr(at + 1));
}

std::string_view delivery_state_name(registry::DeliveryState state) {
  switch (state) {
    case registry::DeliveryState::kPending:
      return "pending";
    case registry::DeliveryState::kDelivered:
      return "delivered";
    case registry::DeliveryState::kFailed:
      return "failed";
  }
  return "";
}

}  // namespace godseye::api
