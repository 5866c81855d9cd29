#include "tracer_core.h"

#include <algorithm>
#include <charconv>

#include <godseye/sdk/propagation.h>

// Formats: docs/sdk.md, "Over the wire".
namespace godseye::sdk {
namespace {

constexpr size_t kTagsBytesMax = 512;
constexpr size_t kBaggageItemsMax = 64;
constexpr size_t kBaggageBytesMax = 8192;
constexpr size_t kStateMembersMax = 32;
constexpr size_t kStateMemberBytesMax = 256;
constexpr size_t kStateBytesMax = 1024;
constexpr size_t kOriginBytesMax = 100;
constexpr size_t kHeaderUsual = 256;
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_hex(uint64_t value, std::string& out) {
  char text[16];
  for (size_t i = sizeof text; i-- > 0; value >>= 4) text[i] = kHexDigits[value & 15];
  out.append(text, sizeof text);
}

template <typename Number>
void append_decimal(Number value, std::string& out) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

// Exactly 16 lower-case digits.
std::optional<uint64_t> from_hex(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    const bool number = c >= '0' && c <= '9';
    if (!number && !(c >= 'a' && c <= 'f')) return std::nullopt;
    value = value << 4 | static_cast<uint64_t>(number ? c - '0' : c - 'a' + 10);
  }
  return value;
}

template <typename Number>
std::optional<Number> decimal(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Calls `each` with every trimmed, non-empty part between `separator`s; it may end the walk by answering false.
template <typename Each>
void split(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    const std::string_view part = trimmed(text.substr(0, end));
    if (!part.empty() && !each(part)) return;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

bool printable(std::string_view text, std::string_view except) {
  return std::ranges::all_of(text, [&](char c) {
    if (c <= 0x20 || c >= 0x7f) return false;
    for (const char no : except) {
      if (c == no) return false;
    }
    return true;
  });
}

constexpr std::string_view kBaggageEscaped = "\",;\\%()<>@[]{}=";

void append_percent_encoded(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (printable({&c, 1}, kBaggageEscaped)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// x-datadog-tags: `_dd.p.tid=…,_dd.p.dm=-1`. Over its limit it is not sent at all, as Datadog's tracers do.
void append_tags(const SpanContext& context, std::string& out) {
  if (context.trace_id_high != 0) {
    out += "_dd.p.tid=";
    append_hex(context.trace_id_high, out);
  }
  for (const auto& [key, value] : context.trace_tags) {
    if (!printable(key, ",=") || value.find(',') != std::string::npos || !printable(value, ",")) continue;
    if (!out.empty()) out += ',';
    out.append("_dd.p.").append(key).append(1, '=').append(value);
  }
  if (out.size() > kTagsBytesMax) out.clear();
}

// In tracestate `=` travels as `~`, and what separates as `_`.
void append_state_value(std::string_view text, std::string& out) {
  for (const char c : text) {
    out += c == '=' ? '~' : c == ',' || c == ';' || c == '~' || c < 0x20 || c > 0x7e ? '_' : c;
  }
}

void append_state(const SpanContext& context, std::string& out) {
  out += "dd=s:";
  append_decimal(context.priority.value_or(1), out);
  out += ";p:";
  append_hex(context.span_id, out);
  if (!context.origin.empty()) {
    out += ";o:";
    append_state_value(context.origin, out);
  }
  for (const auto& [key, value] : context.trace_tags) {
    // A member of tracestate has at most 256 characters; `;t.` and `:` are four.
    if (!printable(key, ",;:=") || out.size() + key.size() + value.size() + 4 > kStateMemberBytesMax) continue;
    out.append(";t.").append(key).append(1, ':');
    append_state_value(value, out);
  }
  size_t members = 1;
  split(context.tracestate, ',', [&](std::string_view member) {
    if (member.starts_with("dd=") || !printable(member, "")) return true;
    if (++members > kStateMembersMax || out.size() + member.size() + 1 > kStateBytesMax) return false;
    out += ',';
    out += member;
    return true;
  });
}

void append_baggage(const SpanContext& context, std::string& out) {
  size_t items = 0;
  for (const auto& [key, value] : context.baggage) {
    if (key.empty() || !printable(key, "\",;\\()/:<=>?@[]{}")) continue;
    const size_t before = out.size();
    if (!out.empty()) out += ',';
    out.append(key).append(1, '=');
    append_percent_encoded(value, out);
    if (++items > kBaggageItemsMax || out.size() > kBaggageBytesMax) return out.resize(before);
  }
}

void read_tags(std::string_view header, SpanContext& context) {
  if (header.size() > kTagsBytesMax) return;
  split(header, ',', [&](std::string_view pair) {
    const size_t equals = pair.find('=');
    if (!pair.starts_with("_dd.p.") || equals == std::string_view::npos || equals == 6) return true;
    const std::string_view key = pair.substr(6, equals - 6);
    const std::string_view value = pair.substr(equals + 1);
    if (key == "tid") {
      context.trace_id_high = from_hex(value).value_or(0);
    } else if (key == "llmobs_parent_id" || key == "llmobs_trace_id" || printable(value, ",")) {
      set_trace_tag(context, key, std::string(value));
    }
    return true;
  });
}

std::optional<SpanContext> extract_datadog(const HeaderGetter& get) {
  const auto trace = decimal<uint64_t>(get("x-datadog-trace-id").value_or(""));
  if (!trace || *trace == 0) return std::nullopt;
  SpanContext out;
  out.trace_id_low = *trace;
  out.span_id = decimal<uint64_t>(get("x-datadog-parent-id").value_or("")).value_or(0);
  if (out.span_id == 0) return std::nullopt;
  if (const auto priority = decimal<int>(get("x-datadog-sampling-priority").value_or(""))) {
    if (*priority >= -1 && *priority <= 2) out.priority = priority;
  }
  const std::string_view origin = get("x-datadog-origin").value_or("");
  if (origin.size() <= kOriginBytesMax && printable(origin, "")) out.origin = origin;
  read_tags(get("x-datadog-tags").value_or(""), out);
  return out;
}

void read_datadog_state(std::string_view text, bool sampled, SpanContext& context) {
  split(text, ';', [&](std::string_view pair) {
    const size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return true;
    const std::string_view key = pair.substr(0, colon);
    std::string value(pair.substr(colon + 1));
    std::ranges::replace(value, '~', '=');
    if (key == "s") {
      // Believed where it agrees with the flag, which another vendor may have changed since.
      const auto priority = decimal<int>(value);
      if (priority && *priority >= -1 && *priority <= 2 && (*priority > 0) == sampled) context.priority = priority;
    } else if (key == "o" && value.size() <= kOriginBytesMax) {
      context.origin = value;
    } else if (key.starts_with("t.") && key.size() > 2 && key != "t.tid") {
      set_trace_tag(context, key.substr(2), std::move(value));
    }
    return true;
  });
}

// Other vendors' members; answers ours, without its key.
std::string_view read_state(std::string_view header, SpanContext& context) {
  std::string_view ours;
  if (header.size() > 8 * kStateBytesMax) return ours;
  split(header, ',', [&](std::string_view member) {
    if (member.starts_with("dd=")) {
      ours = member.substr(3);
    } else if (context.tracestate.size() + member.size() < kStateBytesMax) {
      if (!context.tracestate.empty()) context.tracestate += ',';
      context.tracestate += member;
    }
    return true;
  });
  return ours;
}

struct TraceParent {
  uint64_t high = 0;
  uint64_t low = 0;
  uint64_t span = 0;
  bool sampled = false;
};

std::optional<TraceParent> read_traceparent(std::string_view parent) {
  // version-trace-span-flags; versions after 00 may have more behind it, ff is none.
  if (parent.size() < 55 || parent[2] != '-' || parent[35] != '-' || parent[52] != '-') return std::nullopt;
  const std::string_view version = parent.substr(0, 2);
  if (version.find_first_not_of(kHexDigits) != std::string_view::npos || version == "ff") return std::nullopt;
  if (parent.size() > 55 && (version == "00" || parent[55] != '-')) return std::nullopt;
  const auto high = from_hex(parent.substr(3, 16));
  const auto low = from_hex(parent.substr(19, 16));
  const auto span = from_hex(parent.substr(36, 16));
  const int flags = digit(parent[54]);
  if (!high || !low || !span || *span == 0 || (*high == 0 && *low == 0) || flags < 0 || digit(parent[53]) < 0)
    return std::nullopt;
  return TraceParent{*high, *low, *span, (flags & 1) != 0};
}

std::optional<SpanContext> extract_w3c(const TraceParent& parent, std::string_view state) {
  SpanContext out;
  out.trace_id_high = parent.high;
  out.trace_id_low = parent.low;
  out.span_id = parent.span;
  out.priority = parent.sampled ? 1 : 0;
  read_datadog_state(read_state(state, out), parent.sampled, out);
  return out;
}

void read_baggage(std::string_view header, SpanContext& context) {
  if (header.empty() || header.size() > kBaggageBytesMax) return;
  context.baggage.reserve(2);  // session and user
  split(header, ',', [&](std::string_view member) {
    const std::string_view pair = trimmed(member.substr(0, member.find(';')));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) return true;
    context.baggage.emplace_back(std::string(trimmed(pair.substr(0, equals))),
                                 percent_decoded(trimmed(pair.substr(equals + 1))));
    return context.baggage.size() < kBaggageItemsMax;
  });
}

}  // namespace

void inject(const SpanContext& context, const HeaderSetter& set) {
  std::string value;
  value.reserve(kHeaderUsual);
  const auto say = [&](std::string_view name) {
    if (!value.empty()) set(name, value);
    value.clear();
  };
  if (context.valid()) {
    const int priority = context.priority.value_or(1);
    append_decimal(context.trace_id_low, value);
    say("x-datadog-trace-id");
    append_decimal(context.span_id, value);
    say("x-datadog-parent-id");
    append_decimal(priority, value);
    say("x-datadog-sampling-priority");
    if (!context.origin.empty() && printable(context.origin, "")) set("x-datadog-origin", context.origin);
    append_tags(context, value);
    say("x-datadog-tags");
    value += "00-";
    append_hex(context.trace_id_high, value);
    append_hex(context.trace_id_low, value);
    value += '-';
    append_hex(context.span_id, value);
    value += priority > 0 ? "-01" : "-00";
    say("traceparent");
    append_state(context, value);
    say("tracestate");
  }
  append_baggage(context, value);
  say("baggage");
}

std::optional<SpanContext> extract(const HeaderGetter& get) {
  std::optional<SpanContext> out = extract_datadog(get);
  if (const auto parent = read_traceparent(trimmed(get("traceparent").value_or("")))) {
    if (!out) {
      out = extract_w3c(*parent, get("tracestate").value_or(""));
    } else if (parent->low == out->trace_id_low) {
      // The same trace: W3C's headers may know what Datadog's had no room for.
      if (out->trace_id_high == 0) out->trace_id_high = parent->high;
      read_state(get("tracestate").value_or(""), *out);
    }
  }
  SpanContext baggage_only;
  SpanContext& target = out ? *out : baggage_only;
  read_baggage(get("baggage").value_or(""), target);
  if (out) return out;
  if (baggage_only.baggage.empty()) return std::nullopt;
  return baggage_only;
}

}  // namespace godseye::sdk
