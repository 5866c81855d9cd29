#include "route_help.h"

#include <array>
#include <charconv>
#include <cmath>

#include <godseye/api/gateway_calls.h>

namespace godseye::api {
namespace {

using TextField = std::string GatewayCall::*;

struct TextKey {
  std::string_view key;
  TextField field;
};
constexpr std::array kTextKeys = {
    TextKey{"session", &GatewayCall::session_id}, TextKey{"user", &GatewayCall::user_id},
    TextKey{"address", &GatewayCall::address},    TextKey{"service", &GatewayCall::service},
    TextKey{"route", &GatewayCall::route},        TextKey{"provider", &GatewayCall::provider},
    TextKey{"model", &GatewayCall::model},        TextKey{"call", &GatewayCall::call_id},
    TextKey{"trace", &GatewayCall::trace_id},
};

double tokens_of(const GatewayCall& call) {
  if (call.input_tokens < 0 && call.output_tokens < 0) return -1;
  return static_cast<double>(std::max<int64_t>(call.input_tokens, 0) + std::max<int64_t>(call.output_tokens, 0));
}

struct NumberKey {
  std::string_view key;
  double (*read)(const GatewayCall&);
};
constexpr std::array kNumberKeys = {
    NumberKey{"injection", [](const GatewayCall& call) { return call.injection; }},
    NumberKey{"quality", [](const GatewayCall& call) { return call.quality; }},
    NumberKey{"cost", [](const GatewayCall& call) { return call.cost_usd; }},
    NumberKey{"duration", [](const GatewayCall& call) { return call.duration_ms; }},
    NumberKey{"tokens", tokens_of},
    NumberKey{"pii", [](const GatewayCall& call) { return static_cast<double>(call.pii_count); }},
};

const TextKey* text_key(std::string_view key) {
  const auto* const found = std::ranges::find(kTextKeys, key, &TextKey::key);
  return found == kTextKeys.end() ? nullptr : found;
}
const NumberKey* number_key(std::string_view key) {
  const auto* const found = std::ranges::find(kNumberKeys, key, &NumberKey::key);
  return found == kNumberKeys.end() ? nullptr : found;
}

// Without copying: a filter runs over thousands of calls.
char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_char(char a, char b) { return lower_char(a) == b; }

bool equals(std::string_view text, std::string_view lowered) { return std::ranges::equal(text, lowered, same_char); }
bool starts(std::string_view text, std::string_view lowered) {
  return text.size() >= lowered.size() && equals(text.substr(0, lowered.size()), lowered);
}
bool contains(std::string_view text, std::string_view lowered) {
  return !std::ranges::search(text, lowered, same_char).empty() || lowered.empty();
}

base::Error wrong(std::string_view key, std::string_view value, std::string_view expected) {
  return {base::ErrorCode::kInvalidArgument,
          "query: " + std::string(key) + ":" + std::string(value) + ": expected " + std::string(expected)};
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::string_view verdict_name(GatewayVerdict verdict) {
  switch (verdict) {
    case GatewayVerdict::kObserve:
      return "observe";
    case GatewayVerdict::kRedacted:
      return "redacted";
    case GatewayVerdict::kRefused:
      return "refused";
    case GatewayVerdict::kBlocked:
      return "blocked";
    case GatewayVerdict::kShadow:
      return "shadow";
  }
  return "observe";
}

base::Result<CallFilter> CallFilter::parse(std::string_view query) {
  if (query.size() > kCallQueryBytesMax) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "query: longer than " + std::to_string(kCallQueryBytesMax) + " bytes");
  }
  CallFilter filter;
  for (const SearchWord& found : search_words(query)) {
    if (filter.words_.size() == kCallQueryWordsMax) {
      return base::Error(base::ErrorCode::kInvalidArgument,
                         "query: more than " + std::to_string(kCallQueryWordsMax) + " words");
    }
    std::string_view key = found.key;
    std::string_view value = found.value;
    std::string_view& first = key.empty() ? value : key;
    const bool negated = first.size() > 1 && first.front() == '-';
    if (negated) first.remove_prefix(1);
    base::Result<Word> word = read(key, value);
    if (!word) return word.error();
    word->negated = negated;
    filter.words_.push_back(*std::move(word));
  }
  return filter;
}

base::Result<CallFilter::Word> CallFilter::read(std::string_view key, std::string_view value) {
  Word word{.kind = Kind::kBare, .key = std::string(key), .text = std::string(value)};
  if (key.empty()) return word;
  if (key == "verdict" || key == "reason" || text_key(key) != nullptr) {
    word.kind = Kind::kText;
    if (word.text.ends_with('*')) {
      word.prefix = true;
      word.text.pop_back();
    }
    return word;
  }
  if (key == "status") {
    word.kind = Kind::kStatus;
    const bool is_class = value.size() == 3 && value.substr(1) == "xx";
    const std::optional<double> number = read_number(is_class ? value.substr(0, 1) : value);
    if (!number) return wrong(key, value, "a status such as 403, or 4xx");
    word.prefix = is_class;
    word.number = *number;
    return word;
  }
  if (number_key(key) == nullptr) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "query: unknown key \"" + std::string(key) +
                           "\"; known are verdict, session, user, address, service, route, provider, model, status, "
                           "reason, call, trace, injection, quality, cost, duration, tokens, pii");
  }
  word.kind = Kind::kNumber;
  constexpr std::array<std::pair<std::string_view, Compare>, 4> kSigns = {
      {{">=", Compare::kAtLeast}, {"<=", Compare::kAtMost}, {">", Compare::kAbove}, {"<", Compare::kBelow}}};
  std::string_view rest = value;
  for (const auto& [sign, compare] : kSigns) {
    if (!rest.starts_with(sign)) continue;
    word.compare = compare;
    rest.remove_prefix(sign.size());
    break;
  }
  const std::optional<double> number = read_number(rest);
  if (!number) return wrong(key, value, "a number, or one of > < >= <= and a number");
  word.number = *number;
  return word;
}

bool CallFilter::matches(const GatewayCall& call) const {
  return std::ranges::all_of(words_, [&](const Word& word) { return matches(word, call) != word.negated; });
}

bool CallFilter::matches(const Word& word, const GatewayCall& call) {
  const auto compared = [&](std::string_view text) {
    return word.prefix ? starts(text, word.text) : equals(text, word.text);
  };
  switch (word.kind) {
    case Kind::kBare: {
      const auto inside = [&](std::string_view text) { return contains(text, word.text); };
      return std::ranges::any_of(kTextKeys, [&](const TextKey& key) { return inside(call.*key.field); }) ||
             inside(verdict_name(call.verdict)) || inside(call.error) || std::ranges::any_of(call.reasons, inside);
    }
    case Kind::kText:
      if (word.key == "verdict") {
        if (word.text == "flagged" && !word.prefix) return call.verdict != GatewayVerdict::kObserve;
        return compared(verdict_name(call.verdict));
      }
      if (word.key == "reason") return std::ranges::any_of(call.reasons, compared);
      return compared(call.*text_key(word.key)->field);
    case Kind::kStatus:
      return word.prefix ? call.status / 100 == static_cast<int>(word.number) : call.status == word.number;
    case Kind::kNumber: {
      const double value = number_key(word.key)->read(call);
      if (value < 0) return false;  // nobody said
      switch (word.compare) {
        case Compare::kEqual:
          return value == word.number;
        case Compare::kAbove:
          return value > word.number;
        case Compare::kBelow:
          return value < word.number;
        case Compare::kAtLeast:
          return value >= word.number;
        case Compare::kAtMost:
          return value <= word.number;
      }
    }
  }
  return false;
}

}  // namespace godseye::api
