#include "settings_parts.h"

#include <algorithm>
#include <charconv>

// OTLP's settings: OpenTelemetry's variables and the addresses of the signals.
namespace godseye::sdk {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

constexpr size_t kListMax = 128;  // members of one variable

// `%41` is A; a lone % stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* begin = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(begin, begin + 2, byte, 16).ptr == begin + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// `a=1,b=%202`.
Result<std::vector<std::pair<std::string, std::string>>> pairs_of(const char* variable, std::string_view text) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view member = trimmed(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    if (member.empty()) continue;
    const size_t equals = member.find('=');
    // The text itself may be a key that nobody should read in a log.
    if (equals == std::string_view::npos || equals == 0) return wrong_value(variable, "…", "name=value, …");
    if (out.size() >= kListMax) return wrong_value(variable, "…", "at most 128 members");
    out.emplace_back(trimmed(member.substr(0, equals)), percent_decoded(trimmed(member.substr(equals + 1))));
  }
  return out;
}

bool is_header(const std::pair<std::string, std::string>& header) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !header.first.empty() && std::ranges::all_of(header.first, is_name) &&
         std::ranges::none_of(header.second, is_control);
}

// A list in OpenTelemetry's words; of a signal it has one receiver here, so OTLP wins over the console.
Status read_exporter(const char* variable, std::string_view text, Exporter& into) {
  bool console = false;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view name = trimmed(rest.substr(0, comma));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    if (name == "otlp") {
      into = Exporter::kOtlp;
      return base::ok();
    }
    if (name == "none") {
      into = Exporter::kNone;
      return base::ok();
    }
    if (name != "datadog" && name != "console") return wrong_value(variable, text, "otlp, datadog, console or none");
    console = true;
  }
  if (console) into = Exporter::kDatadog;
  return base::ok();
}

void take_resource(const std::vector<std::pair<std::string, std::string>>& attributes, Settings& settings,
                   bool service_is_known) {
  for (const auto& [key, value] : attributes) {
    if (key == "service.name") {
      if (!service_is_known) settings.service = value;
    } else if (key == "service.version") {
      if (settings.version.empty()) settings.version = value;
    } else if (key == "deployment.environment.name" || key == "deployment.environment") {
      if (settings.env.empty()) settings.env = value;
    } else {
      settings.tags.push_back(key + ":" + value);
    }
  }
}

Result<OtlpTarget> target_of(std::string_view url, std::string_view suffix) {
  const size_t scheme_end = url.find("://");
  const size_t slash = scheme_end == std::string_view::npos ? std::string_view::npos : url.find('/', scheme_end + 3);
  auto origin = parse_address(url.substr(0, slash));
  if (!origin) return std::move(origin).error();
  OtlpTarget out{*std::move(origin), std::string(slash == std::string_view::npos ? "" : url.substr(slash))};
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#'; };
  if (out.origin.scheme != "http" && out.origin.scheme != "https") {
    return Error{ErrorCode::kInvalidArgument, "address \"" + std::string(url) + "\": expected http:// or https://"};
  }
  if (std::ranges::any_of(out.path, is_odd)) {
    return Error{ErrorCode::kInvalidArgument, "address \"" + std::string(url) + "\": there is an odd character"};
  }
  while (!suffix.empty() && out.path.ends_with('/')) out.path.pop_back();
  out.path += suffix;
  if (out.path.empty()) out.path = "/";
  return out;
}

// Which signals go where, from all that the variables say.
Status read_exporters(const ReadVariable& read, Settings& settings) {
  const struct {
    const char* exporter;
    const char* endpoint;
    Exporter& into;
    std::string& address;
  } signals[] = {
      {"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", settings.traces, settings.otlp.traces_endpoint},
      {"OTEL_METRICS_EXPORTER", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", settings.metrics,
       settings.otlp.metrics_endpoint},
      {"OTEL_LOGS_EXPORTER", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", settings.logs, settings.otlp.logs_endpoint}};
  const std::string_view endpoint = read("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (!endpoint.empty()) settings.otlp.endpoint = endpoint;
  const std::string_view disabled = read("OTEL_SDK_DISABLED");
  for (const auto& signal : signals) {
    signal.address = read(signal.endpoint);
    // Switched off by a name of Datadog's, it stays off.
    if (signal.into == Exporter::kNone) continue;
    if (!endpoint.empty() || !signal.address.empty()) signal.into = Exporter::kOtlp;
    if (Status named = read_exporter(signal.exporter, read(signal.exporter), signal.into); !named) return named;
    if (disabled == "true" || disabled == "True" || disabled == "TRUE") signal.into = Exporter::kNone;
  }
  return base::ok();
}

}  // namespace

Status read_otel_variables(const ReadVariable& read, Settings& settings) {
  const bool service_is_known = !read("DD_SERVICE").empty() || !read("OTEL_SERVICE_NAME").empty();
  if (read("DD_SERVICE").empty() && service_is_known) settings.service = read("OTEL_SERVICE_NAME");
  auto attributes = pairs_of("OTEL_RESOURCE_ATTRIBUTES", read("OTEL_RESOURCE_ATTRIBUTES"));
  if (!attributes) return std::move(attributes).error();
  take_resource(*attributes, settings, service_is_known);

  if (Status exporters = read_exporters(read, settings); !exporters) return exporters;
  const bool used =
      settings.traces == Exporter::kOtlp || settings.metrics == Exporter::kOtlp || settings.logs == Exporter::kOtlp;
  const std::string_view protocol = read("OTEL_EXPORTER_OTLP_PROTOCOL");
  if (used && !protocol.empty() && protocol != "http/protobuf") {
    return wrong_value("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "http/protobuf");
  }
  auto headers = pairs_of("OTEL_EXPORTER_OTLP_HEADERS", read("OTEL_EXPORTER_OTLP_HEADERS"));
  if (!headers) return std::move(headers).error();
  settings.otlp.headers = *std::move(headers);
  if (const std::string_view text = read("OTEL_METRIC_EXPORT_INTERVAL"); !text.empty()) {
    int64_t millis = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), millis);
    if (error != std::errc{} || end != text.data() + text.size() || millis < 1 || millis > 3'600'000) {
      return wrong_value("OTEL_METRIC_EXPORT_INTERVAL", text, "milliseconds, 1 to 3600000");
    }
    settings.otlp.metric_interval = std::chrono::milliseconds(millis);
  }
  if (!used) return base::ok();
  if (auto targets = otlp_targets(settings.otlp); !targets) return std::move(targets).error();
  return base::ok();
}

Result<OtlpTargets> otlp_targets(const OtlpSettings& settings) {
  const auto wrong_header = std::ranges::find_if_not(settings.headers, is_header);
  if (wrong_header != settings.headers.end()) {
    // Not the value: it may be a key.
    return Error{ErrorCode::kInvalidArgument, "OTLP header \"" + wrong_header->first + "\": there is an odd character"};
  }
  const auto target = [&](const std::string& own, std::string_view suffix) {
    auto out = own.empty() ? target_of(settings.endpoint, suffix) : target_of(own, {});
    if (out) return out;
    return Result<OtlpTarget>(std::move(out).error().within("OTLP"));
  };
  auto traces = target(settings.traces_endpoint, "/v1/traces");
  if (!traces) return std::move(traces).error();
  auto metrics = target(settings.metrics_endpoint, "/v1/metrics");
  if (!metrics) return std::move(metrics).error();
  auto logs = target(settings.logs_endpoint, "/v1/logs");
  if (!logs) return std::move(logs).error();
  return OtlpTargets{*std::move(traces), *std::move(metrics), *std::move(logs)};
}

}  // namespace godseye::sdk
