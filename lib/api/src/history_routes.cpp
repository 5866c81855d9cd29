#include <charconv>
#include <chrono>
#include <optional>

#include <godseye/api/errors.h>
#include <godseye/api/history_routes.h>
#include <godseye/ddapi/history.h>
#include <godseye/pipeline/metric_intake.h>

namespace godseye::api {
namespace {

constexpr int64_t kFutureMaxS = 600;  // clocks differ, as for the intakes

std::optional<uint64_t> line_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

std::string answer_json(const ddapi::HistoryPart& part, const store::ImportReport& report) {
  std::string bad;
  for (const ddapi::BadLine& line : part.bad_lines) {
    bad += std::string(bad.empty() ? "" : ",") + "{\"line\":" + std::to_string(line.line) +
           ",\"error\":" + net::json_quoted(line.text) + "}";
  }
  return "{\"lines\":" + std::to_string(part.lines) + ",\"stored\":" + std::to_string(report.stored) +
         ",\"already_there\":" + std::to_string(report.there) +
         ",\"bad\":" + std::to_string(part.bad + report.refused) + ",\"bad_lines\":[" + bad + "]}";
}

net::HttpResponse take(const HistoryParts& parts, const Request& request) {
  const std::string_view format = request.query("format", "ndjson");
  if (format != "ndjson" && format != "csv") return error_response(400, "format: expected ndjson or csv");
  const std::optional<uint64_t> first_line = line_number(request.query("first_line", "1"));
  if (!first_line) return error_response(400, "first_line: expected a number from 1 on");
  const int64_t now_s = base::unix_seconds(parts.clock.wall());
  const base::Result<ddapi::HistoryPart> part = ddapi::decode_history(
      request.body(), {.format = format == "csv" ? ddapi::HistoryFormat::kCsv : ddapi::HistoryFormat::kJsonLines,
                       .first_line = *first_line,
                       .oldest_s = parts.oldest_s(),
                       .newest_s = now_s + kFutureMaxS});
  if (!part) return error_response(part.error());
  // What is too old was named above, by its line.
  pipeline::MetricIntake intake({.past_max = std::chrono::seconds(now_s), .attribution = parts.attribution},
                                parts.clock);
  const base::Result<store::ImportReport> report = parts.import(intake.convert(part->payload));
  if (!report) return error_response(report.error());
  return net::json_response(200, answer_json(*part, *report));
}

}  // namespace

void add_history_routes(Router& router, HistoryParts parts) {
  router.add(RouteClass::kManagement, "POST", "/api/godseye/v1/history",
             [parts = std::move(parts)](const Request& request) { return take(parts, request); });
}

}  // namespace godseye::api
