#include "event_session.h"
#include "span_intake_state.h"

#include <algorithm>
#include <cmath>

// Product analytics calls meet the sessions of spans: which conversion is which, and what people did with an answer.
namespace godseye::pipeline {

using signal::Event;
using signal::EventBatch;

namespace {

double value_of(const Event& event, std::string_view name) {
  for (const auto& [key, value] : event.values) {
    if (key == name) return value;
  }
  return std::nan("");
}

std::string_view tag_of(const Event& event, std::string_view prefix) {
  for (const std::string& tag : event.tags) {
    if (tag.starts_with(prefix)) return std::string_view(tag).substr(prefix.size());
  }
  return {};
}

std::string_view session_of(const Event& event) {
  const std::string& session = event.attribution.values[static_cast<size_t>(signal::AttributionKey::kSessionId)];
  return session.empty() ? tag_of(event, "session_id:") : std::string_view(session);
}

// Words for the two steps that the ratios per conversion are made of.
std::string_view kind_of(std::string_view conversion) {
  for (const std::string_view word : {"add_to_cart", "cart_add", "add_item"}) {
    if (conversion == word) return "cart";
  }
  for (const std::string_view word : {"purchase", "order", "order_completed", "place_order"}) {
    if (conversion == word) return "checkout";
  }
  return conversion;
}

bool is_call(const Event& event) { return event.source == signal::kProductAnalyticsSource; }

}  // namespace

std::optional<guard::Engagement> engagement_of(const Event& event) {
  const double shown = value_of(event, "shown");
  const double clicked = value_of(event, "clicked");
  const double rating = value_of(event, "rating");
  if (std::isnan(shown) && std::isnan(clicked) && std::isnan(rating)) return std::nullopt;
  const auto whole = [](double value) {
    return static_cast<uint32_t>(std::isfinite(value) ? std::clamp(value, 0.0, kEngagementCountMax) : 0.0);
  };
  guard::Engagement found{.shown = whole(shown), .clicked = whole(clicked)};
  found.shown = std::max(found.shown, found.clicked);
  found.rating = rating > 0 ? 1 : rating < 0 ? -1 : 0;
  return found;
}

void SpanIntake::judge_events(EventBatch& batch) {
  State& s = *state_;
  const int64_t now_s = base::unix_seconds(s.clock.wall());
  for (Event& event : batch.events) {
    if (!is_call(event)) continue;
    std::erase_if(event.tags, [](const std::string& tag) { return tag.starts_with(kJudgedPrefix); });
    SessionCall call;
    const std::string_view session = session_of(event);
    if (!s.sessions.last_call(session, call)) continue;
    const uint16_t reported = s.reports.reported(call.service, now_s);
    const bool engaged = (reported & signal::kSpanSelfResponse) == 0 && engagement_of(event).has_value();
    const std::string kind(kind_of(tag_of(event, "conversion:")));
    const bool self = (reported & signal::kSpanSelfSession) != 0;
    const bool converted = !kind.empty() && kind.size() <= 100 && !self &&
                           tag_of(event, "analytics_type:") == "conversion" &&
                           s.sessions.converted_by_event(session, kind, now_s);
    if (!engaged && !converted) continue;
    const auto put = [&](std::string_view prefix, std::string_view value) {
      if (!value.empty()) event.tags.push_back(std::string(prefix).append(value));
    };
    if (converted) put(kJudgedKind, kind);
    put(kJudgedService, call.service);
    put(kJudgedModel, call.model);
    put(kJudgedProvider, call.provider);
    std::sort(event.tags.begin(), event.tags.end());
    if (converted) ++s.conversions;
  }
}

void SpanIntake::events_kept(const EventBatch& batch) {
  for (const Event& event : batch.events) {
    if (!is_call(event)) continue;
    const std::optional<guard::Engagement> engagement = engagement_of(event);
    if (engagement) state_->sessions.engaged(session_of(event), *engagement);
  }
}

void SpanIntake::forget_events(const EventBatch& batch) {
  for (const Event& event : batch.events) {
    if (!is_call(event)) continue;
    const std::string_view kind = tag_of(event, kJudgedKind);
    if (kind.empty()) continue;
    state_->sessions.forget_event_conversion(session_of(event), kind);
    --state_->conversions;
  }
}

}  // namespace godseye::pipeline
