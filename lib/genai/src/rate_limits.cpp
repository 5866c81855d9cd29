#include "interpret.h"

#include <charconv>
#include <cstdio>

#include <godseye/genai/error.h>

namespace godseye::genai {
namespace {

using std::chrono::milliseconds;
using Header = std::function<std::string_view(std::string_view)>;

constexpr int64_t kSecondsMax = 400LL * 86400;  // no limit lasts longer; keeps sums from overflowing

std::optional<int64_t> count(std::string_view text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size() || value < 0) return {};
  return value;
}

std::optional<milliseconds> from_seconds(double seconds) {
  if (!(seconds >= 0) || seconds > static_cast<double>(kSecondsMax)) return {};
  return milliseconds(static_cast<int64_t>(seconds * 1000 + 0.5));
}

std::optional<milliseconds> until(int64_t unix_s, std::chrono::sys_seconds now) {
  if (unix_s <= 0) return {};
  const int64_t seconds = unix_s - now.time_since_epoch().count();
  return from_seconds(static_cast<double>(std::max<int64_t>(seconds, 0)));
}

// "1s", "6m0s", "20ms", "1h2m3.5s"; a plain number is seconds.
std::optional<milliseconds> duration(std::string_view text) {
  double seconds = 0;
  if (text.empty()) return {};
  while (!text.empty()) {
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc()) return {};
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    double unit = 1;
    if (text.starts_with("ms")) {
      unit = 0.001;
      text.remove_prefix(2);
    } else if (!text.empty()) {
      if (text[0] == 'h')
        unit = 3600;
      else if (text[0] == 'm')
        unit = 60;
      else if (text[0] != 's')
        return {};
      text.remove_prefix(1);
    }
    seconds += value * unit;
  }
  return from_seconds(seconds);
}

// "Wed, 21 Oct 2015 07:28:00 GMT" as Unix time; 0 if it is none.
int64_t http_date(std::string_view text) {
  const std::string copy(text.substr(0, 64));
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  char month[4] = {};
  if (std::sscanf(copy.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, month, &year, &hour, &minute, &second) != 6)
    return 0;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const size_t at = kMonths.find(month);
  if (at == std::string_view::npos || at % 3 != 0) return 0;
  char iso[64];
  std::snprintf(iso, sizeof iso, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, static_cast<int>(at / 3 + 1), day, hour,
                minute, second);
  return unix_time(iso);
}

struct QuotaNames {
  std::string_view limit;
  std::string_view remaining;
  std::string_view reset;
};
constexpr QuotaNames kOpenAiRequests{"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
                                     "x-ratelimit-reset-requests"};
constexpr QuotaNames kOpenAiTokens{"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
                                   "x-ratelimit-reset-tokens"};
constexpr QuotaNames kAnthropicRequests{"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
                                        "anthropic-ratelimit-requests-reset"};
constexpr QuotaNames kAnthropicTokens{"anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
                                      "anthropic-ratelimit-tokens-reset"};
constexpr QuotaNames kAnthropicInput{"anthropic-ratelimit-input-tokens-limit",
                                     "anthropic-ratelimit-input-tokens-remaining",
                                     "anthropic-ratelimit-input-tokens-reset"};
constexpr QuotaNames kAnthropicOutput{"anthropic-ratelimit-output-tokens-limit",
                                      "anthropic-ratelimit-output-tokens-remaining",
                                      "anthropic-ratelimit-output-tokens-reset"};

Quota openai_quota(const Header& header, const QuotaNames& names) {
  return {.limit = count(header(names.limit)),
          .remaining = count(header(names.remaining)),
          .reset = duration(header(names.reset))};
}

Quota anthropic_quota(const Header& header, const QuotaNames& names, std::chrono::sys_seconds now) {
  const std::string_view reset = header(names.reset);
  return {.limit = count(header(names.limit)),
          .remaining = count(header(names.remaining)),
          .reset = reset.empty() ? std::nullopt : until(unix_time(reset), now)};
}

Quota either(Quota a, const Quota& b) { return a.known() ? a : b; }

std::string go_duration(milliseconds d) {
  if (d.count() < 1000) return std::to_string(d.count()) + "ms";
  const int64_t seconds = (d.count() + 999) / 1000;
  if (seconds < 60) return std::to_string(seconds) + "s";
  return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
}

int64_t whole_seconds(milliseconds d) { return (d.count() + 999) / 1000; }

}  // namespace

RateLimits read_rate_limits(const Header& header, std::chrono::sys_seconds now) {
  RateLimits limits;
  limits.requests = either(openai_quota(header, kOpenAiRequests), anthropic_quota(header, kAnthropicRequests, now));
  limits.tokens = either(openai_quota(header, kOpenAiTokens), anthropic_quota(header, kAnthropicTokens, now));
  limits.input_tokens = anthropic_quota(header, kAnthropicInput, now);
  limits.output_tokens = anthropic_quota(header, kAnthropicOutput, now);
  if (const auto ms = count(header("retry-after-ms"))) {
    limits.retry_after = from_seconds(static_cast<double>(*ms) / 1000);
  } else if (const std::string_view after = header("retry-after"); !after.empty()) {
    limits.retry_after = duration(after);
    if (!limits.retry_after) limits.retry_after = until(http_date(after), now);
  }
  return limits;
}

std::vector<std::pair<std::string, std::string>> rate_limit_headers(Family family, const RateLimits& limits,
                                                                    std::chrono::sys_seconds now) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto openai = [&](const std::string& what, const Quota& quota) {
    if (quota.limit) out.emplace_back("x-ratelimit-limit-" + what, std::to_string(*quota.limit));
    if (quota.remaining) out.emplace_back("x-ratelimit-remaining-" + what, std::to_string(*quota.remaining));
    if (quota.reset) out.emplace_back("x-ratelimit-reset-" + what, go_duration(*quota.reset));
  };
  const auto anthropic = [&](const std::string& what, const Quota& quota) {
    const std::string prefix = "anthropic-ratelimit-" + what;
    if (quota.limit) out.emplace_back(prefix + "-limit", std::to_string(*quota.limit));
    if (quota.remaining) out.emplace_back(prefix + "-remaining", std::to_string(*quota.remaining));
    if (quota.reset) {
      out.emplace_back(prefix + "-reset", rfc3339(now.time_since_epoch().count() + whole_seconds(*quota.reset)));
    }
  };
  if (family == Family::kOpenAi) {
    openai("requests", limits.requests);
    openai("tokens", limits.tokens);
  } else if (family == Family::kAnthropic) {
    anthropic("requests", limits.requests);
    anthropic("tokens", limits.tokens);
    anthropic("input-tokens", limits.input_tokens);
    anthropic("output-tokens", limits.output_tokens);
  }
  if (limits.retry_after) out.emplace_back("retry-after", std::to_string(whole_seconds(*limits.retry_after)));
  return out;
}

}  // namespace godseye::genai
