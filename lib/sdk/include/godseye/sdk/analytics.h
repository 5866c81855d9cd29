#pragma once

#include <memory>
#include <string>
#include <string_view>

// Product analytics: what people did, sent to Godseye's API in the background (docs/product-analytics.md).
//
//   sdk.analytics().track_conversion("order_completed", {.value = 129.90, .properties_json = R"({"currency":"EUR"})"});
//
// Session and user are those of the active span unless given. Without `Settings::api_url` every call does nothing.
// Threads: any. Nothing blocks, nothing throws.
namespace godseye::sdk {

class EventQueue;

struct Action {
  std::string_view session_id;
  std::string_view user_id;
  double latency_ms = -1;  // below 0: not said; likewise the others
  double cost_usd = -1;
  double value = -1;
  std::string_view properties_json;  // a JSON object, or empty
};

class Analytics {
 public:
  explicit Analytics(std::shared_ptr<EventQueue> queue);
  void track_event(std::string_view name, const Action& action = {});
  void track_endpoint_usage(std::string_view endpoint, const Action& action = {});
  void track_feature_usage(std::string_view feature, const Action& action = {});
  void track_user_action(std::string_view name, const Action& action = {});
  void track_conversion(std::string_view kind, const Action& action = {});

 private:
  std::shared_ptr<EventQueue> queue_;
};

}  // namespace godseye::sdk
