#include "settings_parts.h"

#include <charconv>

#include <godseye/sdk/settings.h>

namespace godseye::sdk {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

// What Datadog's libraries take for yes and no.
bool is_yes(std::string_view text) { return text == "1" || text == "true" || text == "True" || text == "TRUE"; }
bool is_no(std::string_view text) { return text == "0" || text == "false" || text == "False" || text == "FALSE"; }

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `a:1,b:2` and `a:1 b:2`.
std::vector<std::string> tags_of(std::string_view text) {
  std::vector<std::string> tags;
  while (!text.empty()) {
    const size_t end = text.find_first_of(", ");
    if (const std::string_view tag = text.substr(0, end); !tag.empty()) tags.emplace_back(tag);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return tags;
}

}  // namespace

Error wrong_value(std::string_view variable, std::string_view value, std::string_view expected) {
  return {ErrorCode::kInvalidArgument,
          std::string(variable) + "=" + std::string(value) + ": expected " + std::string(expected)};
}

Result<Address> parse_address(std::string_view url) {
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorCode::kInvalidArgument, "address \"" + std::string(url) + "\": " + std::string(why)};
  };
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return refuse("expected udp://, unix://, http:// or https://");
  Address out{.scheme = std::string(url.substr(0, scheme_end))};
  std::string_view rest = url.substr(scheme_end + 3);
  if (out.scheme == "unix") {
    if (rest.empty() || rest.front() != '/') return refuse("expected unix:///path");
    out.path = rest;
    return out;
  }
  if (out.scheme != "udp" && out.scheme != "http" && out.scheme != "https") return refuse("unknown scheme");
  while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ \t\r\n") != std::string_view::npos) return refuse("expected a host and a port only");
  out.port = out.scheme == "udp" ? 8125 : out.scheme == "http" ? 80 : 443;
  const size_t bracket = rest.rfind(']');
  const size_t colon = rest.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const auto port = number_of<uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return refuse("the port is not 1 to 65535");
    out.port = *port;
    rest = rest.substr(0, colon);
  }
  if (rest.size() > 1 && rest.front() == '[' && rest.back() == ']') rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return refuse("there is no host");
  out.host = rest;
  return out;
}

Result<Settings> settings_from(const std::function<const char*(const char*)>& variable) {
  Settings out;
  const auto read = [&](const char* name) -> std::string_view {
    const char* value = variable(name);
    return value != nullptr ? std::string_view(value) : std::string_view();
  };
  const auto take = [&](const char* name, std::string& into) {
    if (const std::string_view value = read(name); !value.empty()) into = value;
  };
  take("DD_SERVICE", out.service);
  take("DD_ENV", out.env);
  take("DD_VERSION", out.version);
  take("DD_LLMOBS_ML_APP", out.ml_app);
  take("DD_API_KEY", out.api_key);
  take("DD_APP_KEY", out.app_key);
  take("GODSEYE_URL", out.api_url);
  out.tags = tags_of(read("DD_TAGS"));

  std::string host = "127.0.0.1";
  take("DD_AGENT_HOST", host);
  if (host.find(':') != std::string::npos && host.front() != '[') host = "[" + host + "]";
  const auto port = [&](const char* name, std::string fallback) -> Result<std::string> {
    const std::string_view value = read(name);
    if (value.empty()) return fallback;
    if (!number_of<uint16_t>(value)) return wrong_value(name, value, "a port");
    return std::string(value);
  };
  auto agent_port = port("DD_TRACE_AGENT_PORT", "8126");
  if (!agent_port) return std::move(agent_port).error();
  auto statsd_port = port("DD_DOGSTATSD_PORT", "8125");
  if (!statsd_port) return std::move(statsd_port).error();
  out.agent_url = "http://" + host + ":" + *agent_port;
  out.statsd_url = "udp://" + host + ":" + *statsd_port;
  take("DD_TRACE_AGENT_URL", out.agent_url);
  take("DD_DOGSTATSD_URL", out.statsd_url);

  if (const std::string_view rate = read("DD_TRACE_SAMPLE_RATE"); !rate.empty()) {
    const auto value = number_of<double>(rate);
    if (!value || !(*value >= 0 && *value <= 1))
      return wrong_value("DD_TRACE_SAMPLE_RATE", rate, "a number from 0 to 1");
    out.sample_rate = *value;
  }
  if (is_no(read("DD_TRACE_ENABLED"))) out.traces = Exporter::kNone;
  if (is_yes(read("DD_DOGSTATSD_DISABLE"))) out.metrics = Exporter::kNone;
  if (base::Status read_otlp = read_otel_variables(read, out); !read_otlp) return std::move(read_otlp).error();
  for (const std::string* url : {&out.agent_url, &out.statsd_url, &out.api_url}) {
    if (url->empty()) continue;
    if (auto address = parse_address(*url); !address) return std::move(address).error();
  }
  return out;
}

}  // namespace godseye::sdk
