#include "control_parts.h"

#include <godseye/base/log.h>
#include <godseye/store/rows.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kLookUp{5'000};
constexpr size_t kTextBytesMax = 8'000;  // of a message kept with feedback

std::optional<api::CallFacts> find_call(store::Store& store, std::string_view call_id) {
  const auto rows = store.engine().select(
      "SELECT session_id, user_id, input, injection_score FROM llm_spans WHERE call_id = {id:String} "
      "ORDER BY start DESC LIMIT 1",
      {.parameters = {{"id", std::string(call_id)}}, .timeout = kLookUp});
  if (!rows) {
    spdlog::warn("a call was not looked up: {}", rows.error().message());
    return std::nullopt;
  }
  if (rows->row_count() == 0) return std::nullopt;
  return api::CallFacts{.session = std::string(rows->column(0).text(0)),
                        .user = std::string(rows->column(1).text(0)),
                        .text = user_text(rows->column(2).text(0)).substr(0, kTextBytesMax),
                        .score = rows->column(3).f64(0)};
}

}  // namespace

std::string user_text(std::string_view input_json) {
  boost::system::error_code failed;
  const json::value input = json::parse(input_json, failed);
  if (failed || !input.is_object()) return {};
  if (const json::value* value = input.as_object().if_contains("value"); value != nullptr && value->is_string()) {
    return std::string(value->as_string());
  }
  const json::value* messages = input.as_object().if_contains("messages");
  if (messages == nullptr || !messages->is_array()) return {};
  std::string text;
  for (const json::value& message : messages->as_array()) {
    if (!message.is_object()) continue;
    const json::value* role = message.as_object().if_contains("role");
    const json::value* content = message.as_object().if_contains("content");
    if (role == nullptr || !role->is_string() || role->as_string() != "user") continue;
    if (content != nullptr && content->is_string()) text = std::string(content->as_string());
  }
  return text;
}

api::ControlParts control_parts(control::Control& control, SpanPath& spans, store::Store& store, base::Clock clock) {
  return {.control = control,
          .clock = std::move(clock),
          .call = [&store](std::string_view call_id) { return find_call(store, call_id); },
          .spans =
              [&spans](signal::SpanBatch& batch, bool again) {
                const pipeline::SpanOrigin origin{.client = "gateway", .client_version = {}, .path = "gateway"};
                return again ? spans.deliver_again(batch, origin) : spans.deliver(batch, origin);
              }};
}

}  // namespace godseye::app
