#pragma once

#include <optional>
#include <string_view>

#include <godseye/guard/quality.h>
#include <godseye/signal/event.h>

// What the span intake finds about a product analytics call and derivation reads again: tags of the event.
namespace godseye::pipeline {

inline constexpr std::string_view kJudgedPrefix = "godseye.";
inline constexpr std::string_view kJudgedKind = "godseye.converted:";
inline constexpr std::string_view kJudgedService = "godseye.session.service:";
inline constexpr std::string_view kJudgedModel = "godseye.session.model:";
inline constexpr std::string_view kJudgedProvider = "godseye.session.provider:";

inline constexpr double kEngagementCountMax = 1e6;  // shown and clicked of one call

// From the values `shown`, `clicked` and `rating`; nothing when it has none of them.
std::optional<guard::Engagement> engagement_of(const signal::Event& event);

}  // namespace godseye::pipeline
