#include "forward.h"

#include <algorithm>
#include <array>

namespace godseye::gateway {

namespace {

using genai::Dialect;
using genai::Family;

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view n) { return net::equal_ignoring_case(name, n); });
}

bool starts_with_ignoring_case(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && net::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

// The part of a field's name that most fields share is looked at first: a request has twenty fields.
bool is_credential(std::string_view name) {
  const char first = name.empty() ? '\0' : static_cast<char>(name[0] | 0x20);
  return (first == 'a' || first == 'x' || first == 'c') &&
         is_any(name, {"authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie"});
}

bool stays_here(std::string_view name) {
  switch (name.empty() ? 0 : name[0] | 0x20) {
    case 'x':
      return starts_with_ignoring_case(name, "x-godseye-") || starts_with_ignoring_case(name, "x-datadog-") ||
             is_any(name, {"x-session-id", "x-user-id", "x-forwarded-for", "x-real-ip"});
    case 't':
      return is_any(name, {"traceparent", "tracestate"});
    case 'a':
      return is_any(name, {"accept-encoding"});
    case 'b':
      return is_any(name, {"baggage"});
    case 'c':
      return is_any(name, {"content-encoding"});
    case 'h':
      return is_any(name, {"host"});
    case 'e':
      return is_any(name, {"expect"});
    case 'f':
      return is_any(name, {"forwarded"});
    default:
      return false;
  }
}

// To a provider of another family goes what is nobody's own.
bool travels_far(std::string_view name) {
  if (is_any(name, {"content-type", "user-agent"})) return true;
  return starts_with_ignoring_case(name, "x-") && !starts_with_ignoring_case(name, "x-stainless-") &&
         !starts_with_ignoring_case(name, "x-goog-") && !starts_with_ignoring_case(name, "x-server-");
}

void add_key(const ForwardPlan& plan, std::string_view key, net::Headers& headers) {
  switch (plan.provider->family) {
    case Family::kGemini:
      // An OAuth token is no API key.
      if (key.starts_with("ya29.") || plan.call->vertex) {
        headers.add("Authorization", "Bearer " + std::string(key));
      } else {
        headers.add("x-goog-api-key", std::string(key));
      }
      break;
    case Family::kAnthropic:
      headers.add("x-api-key", std::string(key));
      break;
    default:
      if (plan.call->azure && !plan.target->translated) headers.add("api-key", std::string(key));
      headers.add("Authorization", "Bearer " + std::string(key));
      break;
  }
}

// "/v1beta/models/x:generateContent?alt=sse&key=secret" without the key.
std::string without_key(std::string_view target) {
  const size_t question = target.find('?');
  if (question == std::string_view::npos) return std::string(target);
  std::string out(target.substr(0, question));
  std::string_view query = target.substr(question + 1);
  char next = '?';
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty() || pair.starts_with("key=")) continue;
    out += next;
    out += pair;
    next = '&';
  }
  return out;
}

}  // namespace

std::string presented_key(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (net::equal_ignoring_case(name, "authorization")) {
      const std::string_view text = value;
      if (text.size() > 7 && net::equal_ignoring_case(text.substr(0, 7), "bearer ")) return std::string(text.substr(7));
    } else if (is_any(name, {"x-api-key", "x-goog-api-key", "api-key"})) {
      return value;
    }
  }
  return std::string(request.query.get("key"));
}

std::string upstream_target(const ForwardPlan& plan, const net::HttpRequest& request) {
  std::string path;
  const genai::Call& call = *plan.call;
  const bool rewritten = plan.target->translated || (plan.target->renamed && call.family == Family::kGemini);
  if (rewritten && !(call.vertex && !plan.target->translated)) {
    path = genai::request_path(plan.target->dialect, call.operation, plan.target->model, plan.stream);
    // The verbs that only Gemini has are in no table.
    if (path.empty()) path = without_key(request.target);
  } else {
    path = without_key(request.target);
    // Clients whose base URL ends before "/v1" leave it out.
    const bool versioned = path.starts_with("/v1") || path.starts_with("/openai/");
    if (call.family == Family::kOpenAi && !versioned) path.insert(0, "/v1");
  }
  return plan.provider->origin.target + path;
}

net::Headers upstream_headers(const ForwardPlan& plan, const net::HttpRequest& request, const TraceContext& trace,
                              uint64_t span_id) {
  net::Headers out;
  const bool far = plan.target->translated;
  constexpr size_t kOwnFields = 8;  // key and trace
  out.reserve(request.headers.size() + kOwnFields);
  const std::string_view connection = request.headers.get("Connection");
  for (const auto& [name, value] : request.headers) {
    if (net::is_hop_field(name, connection) || is_credential(name) || stays_here(name) || (far && !travels_far(name)))
      continue;
    out.add(name, value);
  }
  if (far && plan.provider->family == Family::kAnthropic) out.add("anthropic-version", "2023-06-01");
  if (!plan.key.empty()) {
    add_key(plan, plan.key, out);
  } else if (far) {
    if (!plan.client_key.empty()) add_key(plan, plan.client_key, out);
  } else if (!plan.client_key.empty()) {
    // As the client said it, in whatever way.
    bool said = false;
    for (const auto& [name, value] : request.headers) {
      if (is_credential(name) && !net::equal_ignoring_case(name, "cookie")) said = true, out.add(name, value);
    }
    if (!said) add_key(plan, plan.client_key, out);
  }
  write_trace(trace, span_id, out);
  return out;
}

net::Headers client_headers(const net::Headers& provider, bool translated, genai::Family from, genai::Family to,
                            std::string_view call_id, std::chrono::sys_seconds now) {
  net::Headers out;
  if (!translated) {
    out = net::end_to_end_headers(provider);
  } else {
    for (const char* name : {"x-request-id", "request-id", "retry-after", "retry-after-ms"}) {
      if (const std::string* value = provider.find(name)) out.add(name, *value);
    }
    // Under the name by which the client's library looks for it.
    const std::string* id = provider.find("x-request-id");
    if (id == nullptr) id = provider.find("request-id");
    const std::string_view name_of_id = to == genai::Family::kAnthropic ? "request-id" : "x-request-id";
    if (id != nullptr && out.find(name_of_id) == nullptr) out.add(std::string(name_of_id), *id);
    const genai::RateLimits limits =
        genai::read_rate_limits([&provider](std::string_view name) { return provider.get(name); }, now);
    if (from != to && limits.known()) {
      for (auto& [name, value] : genai::rate_limit_headers(to, limits, now)) {
        if (out.find(name) == nullptr) out.add(std::move(name), std::move(value));
      }
    }
  }
  out.set("x-godseye-call-id", std::string(call_id));
  return out;
}

genai::Dialect likely_dialect(const net::HttpRequest& request) {
  const std::string_view path = request.raw_path;
  if (path.starts_with("/v1beta") || path.find("/publishers/") != std::string_view::npos ||
      request.headers.find("x-goog-api-key") != nullptr || request.headers.find("x-goog-api-client") != nullptr) {
    return Dialect::kGemini;
  }
  if (path.starts_with("/v1/messages") || request.headers.find("anthropic-version") != nullptr) {
    return Dialect::kAnthropic;
  }
  if (path.starts_with("/api/")) return Dialect::kOllama;
  return Dialect::kOpenAi;
}

}  // namespace godseye::gateway
