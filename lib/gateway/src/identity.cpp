#include <charconv>

#include <godseye/gateway/identity.h>
#include <godseye/net/uri.h>

namespace godseye::gateway {

namespace {

constexpr size_t kTagsBytesMax = 8192;
constexpr size_t kTracestateBytesMax = 512;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Not inside a character.
std::string_view cut(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// The first that says it wins.
void say(std::string& field, std::string_view value) {
  if (field.empty()) field = cut(trimmed(value), kIdentityBytesMax);
}

// "k:v,k2:v2"
void read_tags(std::string_view text, Identity& identity) {
  text = text.substr(0, kTagsBytesMax);
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const size_t colon = item.find(':');
    if (item.empty() || colon == 0) continue;
    const std::string_view key = item.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? std::string_view() : item.substr(colon + 1);
    if (key == "service") {
      say(identity.service, value);
    } else if (key == "env") {
      say(identity.env, value);
    } else if (key == "version") {
      say(identity.version, value);
    } else if (key == "ml_app") {
      say(identity.ml_app, value);
    } else if (key == "session_id") {
      say(identity.session_id, value);
    } else if (key == "user_id") {
      say(identity.user_id, value);
    } else if (identity.tags.size() < kIdentityTagsMax) {
      identity.tags.emplace_back(cut(key, kIdentityBytesMax), cut(value, kIdentityBytesMax));
    }
  }
}

// W3C: "session.id=s-1;property, user.id=u%201"
void read_baggage(std::string_view text, Identity& identity) {
  text = text.substr(0, kTagsBytesMax);
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    item = item.substr(0, item.find(';'));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = trimmed(item.substr(0, equals));
    if (key != "session.id" && key != "user.id") continue;
    const base::Result<std::string> value = net::percent_decode(trimmed(item.substr(equals + 1)));
    if (!value) continue;
    say(key == "session.id" ? identity.session_id : identity.user_id, *value);
  }
}

void read_body(const genai::RequestFacts& facts, Identity& identity) {
  say(identity.user_id, facts.user);
  for (const auto& [key, value] : facts.metadata) {
    if (key == "session_id" || key == "session.id") say(identity.session_id, value);
    if (key == "user_id" || key == "user.id") say(identity.user_id, value);
  }
  say(identity.user_id, facts.safety_identifier);
}

template <typename Number>
bool parse_number(std::string_view text, Number& into, int base) {
  Number read{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), read, base);
  if (code != std::errc() || end != text.data() + text.size()) return false;
  into = read;
  return true;
}

void append_hex(uint64_t value, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[value >> shift & 15];
}

bool read_datadog(const net::Headers& headers, TraceContext& trace) {
  const std::string* id = headers.find("x-datadog-trace-id");
  if (id == nullptr || !parse_number(*id, trace.trace_id_low, 10) || trace.trace_id_low == 0) return false;
  if (!parse_number(headers.get("x-datadog-parent-id"), trace.parent_id, 10)) trace.parent_id = 0;
  trace.sampled_said = parse_number(headers.get("x-datadog-sampling-priority"), trace.sampling_priority, 10);
  if (!trace.sampled_said) trace.sampling_priority = 1;
  trace.origin = cut(headers.get("x-datadog-origin"), kIdentityBytesMax);
  const std::string_view tags = headers.get("x-datadog-tags");
  if (const size_t at = tags.find("_dd.p.tid="); at != std::string_view::npos) {
    if (!parse_number(tags.substr(at + 10, 16), trace.trace_id_high, 16)) trace.trace_id_high = 0;
  }
  return true;
}

// 00-<32 hex>-<16 hex>-<2 hex>
void read_w3c(const net::Headers& headers, TraceContext& trace) {
  const std::string_view parent = headers.get("traceparent");
  if (parent.size() < 55 || parent[2] != '-' || parent[35] != '-' || parent[52] != '-' || parent.starts_with("ff")) {
    return;
  }
  TraceContext read;
  unsigned flags = 0;
  if (!parse_number(parent.substr(3, 16), read.trace_id_high, 16) ||
      !parse_number(parent.substr(19, 16), read.trace_id_low, 16) ||
      !parse_number(parent.substr(36, 16), read.parent_id, 16) || !parse_number(parent.substr(53, 2), flags, 16) ||
      read.trace_id_low == 0 || read.parent_id == 0) {
    return;
  }
  read.sampled_said = true;
  read.sampling_priority = (flags & 1) != 0 ? 1 : 0;
  read.tracestate = cut(headers.get("tracestate"), kTracestateBytesMax);
  trace = std::move(read);
}

}  // namespace

Identity identify(const net::Headers& headers, const genai::RequestFacts& facts) {
  Identity identity;
  // One pass: a request of a client library has some twenty fields.
  std::string_view tags;
  std::string_view baggage;
  for (const auto& [name, value] : headers) {
    const char first = name.empty() ? '\0' : static_cast<char>(name[0] | 0x20);
    if (first != 'x' && first != 'b') continue;
    if (net::equal_ignoring_case(name, "x-session-id")) {
      say(identity.session_id, value);
    } else if (net::equal_ignoring_case(name, "x-user-id")) {
      say(identity.user_id, value);
    } else if (net::equal_ignoring_case(name, "x-godseye-tier")) {
      say(identity.tier, value);
    } else if (net::equal_ignoring_case(name, "x-godseye-tags")) {
      tags = value;
    } else if (net::equal_ignoring_case(name, "baggage")) {
      baggage = value;
    }
  }
  read_tags(tags, identity);
  read_baggage(baggage, identity);
  read_body(facts, identity);
  return identity;
}

TraceContext read_trace(const net::Headers& headers) {
  TraceContext trace;
  if (!read_datadog(headers, trace)) read_w3c(headers, trace);
  return trace;
}

void write_trace(const TraceContext& trace, uint64_t span_id, net::Headers& headers) {
  constexpr size_t kTraceparentBytes = 55;
  std::string parent;
  parent.reserve(kTraceparentBytes);
  parent += "00-";
  append_hex(trace.trace_id_high, parent);
  append_hex(trace.trace_id_low, parent);
  parent += '-';
  append_hex(span_id, parent);
  parent += trace.sampling_priority > 0 ? "-01" : "-00";
  headers.add("traceparent", std::move(parent));
  if (!trace.tracestate.empty()) headers.add("tracestate", trace.tracestate);
  headers.add("x-datadog-trace-id", std::to_string(trace.trace_id_low));
  headers.add("x-datadog-parent-id", std::to_string(span_id));
  headers.add("x-datadog-sampling-priority", std::to_string(trace.sampling_priority));
  if (trace.trace_id_high != 0) {
    std::string tags = "_dd.p.tid=";
    append_hex(trace.trace_id_high, tags);
    headers.add("x-datadog-tags", std::move(tags));
  }
  if (!trace.origin.empty()) headers.add("x-datadog-origin", trace.origin);
}

}  // namespace godseye::gateway
