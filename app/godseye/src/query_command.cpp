#include "query_command.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <vector>

#include <godseye/lang/metric_query.h>
#include <godseye/net/http_client.h>
#include <godseye/net/uri.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;

constexpr size_t kSparkWidth = 40;
constexpr size_t kLabelWidthMax = 60;

struct Row {
  std::string label;
  std::vector<double> values;
};

// Terminals act on control characters; tags come from anywhere.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

std::string number_text(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

// Eight heights; several values share a column when there are more than fit.
std::string sparkline(const std::vector<double>& values) {
  static constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double span = *high - *low;
  const size_t columns = std::min(values.size(), kSparkWidth);
  std::string line;
  for (size_t c = 0; c < columns; ++c) {
    const size_t begin = c * values.size() / columns;
    const size_t end = std::max(begin + 1, (c + 1) * values.size() / columns);
    const double top = *std::max_element(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                         values.begin() + static_cast<std::ptrdiff_t>(end));
    line += kBars[span > 0 ? static_cast<size_t>(std::lround((top - *low) / span * 7)) : 3];
  }
  return line;
}

Row read_row(const json::object& series) {
  Row row;
  for (const json::value& tag : series.at("tag_set").as_array()) {
    row.label += (row.label.empty() ? "" : ", ") + printable(tag.as_string());
  }
  if (row.label.empty()) row.label = printable(series.at("expression").as_string());
  for (const json::value& point : series.at("pointlist").as_array()) {
    const json::value& value = point.as_array().at(1);
    if (!value.is_null()) row.values.push_back(value.to_number<double>());
  }
  return row;
}

std::string pad(const std::string& text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string render(std::vector<Row> rows, std::string_view message) {
  std::erase_if(rows, [](const Row& row) { return row.values.empty(); });
  if (rows.empty()) return "no data\n";
  size_t width = 6;
  for (Row& row : rows) {
    if (row.label.size() > kLabelWidthMax) row.label = row.label.substr(0, kLabelWidthMax - 3) + "...";
    width = std::max(width, row.label.size());
  }
  std::string text =
      pad("series", width) + "  " + pad("last", 12) + pad("avg", 12) + pad("min", 12) + pad("max", 12) + "points\n";
  for (const Row& row : rows) {
    double sum = 0;
    for (const double v : row.values) sum += v;
    const auto [low, high] = std::minmax_element(row.values.begin(), row.values.end());
    text += pad(row.label, width) + "  " + pad(number_text(row.values.back()), 12) +
            pad(number_text(sum / static_cast<double>(row.values.size())), 12) + pad(number_text(*low), 12) +
            pad(number_text(*high), 12) + pad(std::to_string(row.values.size()), 8) + sparkline(row.values) + "\n";
  }
  if (!message.empty()) text += "note: " + printable(message) + "\n";
  return text;
}

// The first text of {"errors":["…"]}, or the body as it is.
std::string error_text(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (!failed && value.is_object()) {
    const json::value* errors = value.as_object().if_contains("errors");
    if (errors != nullptr && errors->is_array() && !errors->as_array().empty() && errors->as_array()[0].is_string()) {
      return std::string(errors->as_array()[0].as_string());
    }
  }
  return std::string(body.substr(0, 400));
}

void print_error(const std::string& message, std::string_view query, std::ostream& errors) {
  errors << "godseye query: " << printable(message) << "\n";
  if (const auto column = lang::error_column(message)) errors << caret_under(query, *column);
}

}  // namespace

base::Result<int64_t> parse_time(std::string_view text, int64_t now_s) {
  if (text == "now") return now_s;
  const base::Error wrong(base::ErrorCode::kInvalidArgument,
                          "expected now, -15m, -1h, -1d, -1w or Unix seconds, not '" + std::string(text) + "'");
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return wrong;
  const std::string_view unit(parsed.ptr, static_cast<size_t>(text.data() + text.size() - parsed.ptr));
  if (unit.empty()) return number < 0 ? base::Result<int64_t>(wrong) : number;
  const int64_t scale = unit == "s"   ? 1
                        : unit == "m" ? 60
                        : unit == "h" ? 3600
                        : unit == "d" ? 86400
                        : unit == "w" ? 604800
                                      : 0;
  constexpr int64_t kBackMax = 1'000'000'000;  // further than any retention
  if (scale == 0 || number > 0 || number < -kBackMax / scale) return wrong;
  return now_s + number * scale;
}

std::string caret_under(std::string_view text, uint32_t column) {
  // The caret stands below a character, the column counts bytes.
  size_t characters = 0;
  for (size_t i = 0; i + 1 < column && i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) ++characters;
  }
  return "  " + printable(text) + "\n  " + std::string(characters, ' ') + "^\n";
}

base::Result<std::string> query_table(std::string_view body) {
  const auto corrupt = [] {
    return base::Error(base::ErrorCode::kCorrupt, "the server's answer is not that of a query");
  };
  try {
    const json::value value = json::parse(body);
    std::vector<Row> rows;
    for (const json::value& series : value.as_object().at("series").as_array())
      rows.push_back(read_row(series.as_object()));
    return render(std::move(rows), std::string_view(value.as_object().at("message").as_string()));
  } catch (const std::exception&) {  // Boost.JSON throws for what is not there or of another kind
    return corrupt();
  }
}

int run_query(const QueryCommand& command, const base::Clock& clock, std::ostream& out, std::ostream& errors) {
  const int64_t now_s = base::unix_seconds(clock.wall());
  const auto from = parse_time(command.from, now_s);
  const auto to = parse_time(command.to, now_s);
  if (!from || !to) {
    errors << "godseye query: " << (!from ? "--from: " + from.error().message() : "--to: " + to.error().message())
           << "\n";
    return 2;
  }
  net::HttpCall call;
  call.url = command.server + "/api/v1/query?from=" + std::to_string(*from) + "&to=" + std::to_string(*to) +
             "&query=" + net::percent_encode(command.text);
  if (!command.api_key.empty()) call.headers.add("DD-API-KEY", command.api_key);
  if (!command.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", command.app_key);
  call.timeout = std::chrono::seconds(35);  // longer than the server gives a query
  net::HttpClient client;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye query: " << command.server << ": " << reply.error().message() << "\n";
    return 2;
  }
  if (reply->status != 200) {
    print_error(error_text(reply->body), command.text, errors);
    return 1;
  }
  if (command.json) {
    out << reply->body << "\n";
    return 0;
  }
  const auto table = query_table(reply->body);
  if (!table) {
    errors << "godseye query: " << table.error().message() << "\n";
    return 2;
  }
  out << *table;
  return 0;
}

}  // namespace godseye::app
