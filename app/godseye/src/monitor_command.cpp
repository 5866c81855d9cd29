#include "monitor_command.h"

#include "query_command.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include <godseye/net/http_client.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;

constexpr size_t kFileBytesMax = 1 << 20;
// Answers of one trial: 31 days a stretch of seconds each; a server that makes no progress ends it earlier.
constexpr int kAnswersMax = 10'000;

// Terminals act on control characters; tags come from anywhere.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

std::string time_text(int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S", &parts);
  return buffer;
}

std::string pad(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string duration_text(int64_t seconds) {
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h";
}

std::string line_text(const json::object& transition, std::string_view group) {
  std::string value = "-";
  if (const json::value& number = transition.at("value"); number.is_number()) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.6g", number.to_number<double>());
    value = buffer;
  }
  const bool told = transition.at("notify").as_bool();
  return time_text(transition.at("time").to_number<int64_t>()) + "  " +
         pad(printable(transition.at("kind").as_string()), 14) + pad(value, 14) + printable(group) +
         (told ? "" : "  (nobody told)");
}

base::Result<std::string> read_monitor(const TryCommand& command, std::istream& in) {
  std::ifstream file;
  if (command.file != "-") {
    file.open(command.file, std::ios::binary);
    if (!file) return base::Error(base::ErrorCode::kNotFound, command.file + ": cannot be read");
  }
  std::istream& from = command.file == "-" ? in : file;
  std::string text(std::istreambuf_iterator<char>(from), {});
  if (text.size() > kFileBytesMax) return base::Error(base::ErrorCode::kTooLarge, command.file + ": more than 1 MiB");
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed || !value.is_object()) {
    return base::Error(base::ErrorCode::kInvalidArgument, command.file + ": expected one monitor as a JSON object" +
                                                              (failed ? " (" + failed.message() + ")" : ""));
  }
  return json::serialize(value);
}

// The first text of {"errors":["…"]}, or the body as it is.
std::string error_text(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  const json::object* object = failed ? nullptr : value.if_object();
  const json::value* errors = object == nullptr ? nullptr : object->if_contains("errors");
  if (errors != nullptr && errors->is_array() && !errors->as_array().empty() && errors->as_array()[0].is_string()) {
    return std::string(errors->as_array()[0].as_string());
  }
  return std::string(body.substr(0, 400));
}

std::string request_body(const TryCommand& command, const std::string& monitor, int64_t from_s, int64_t to_s,
                         const std::string& resume) {
  return "{\"monitor\":" + monitor + ",\"from\":" + std::to_string(from_s) + ",\"to\":" + std::to_string(to_s) +
         ",\"step\":" + std::to_string(command.step_s) + ",\"resume\":" + resume + "}";
}

}  // namespace

base::Status TrialTable::add(std::string_view body) {
  try {
    const json::value value = json::parse(body);
    const json::object& answer = value.as_object();
    for (const json::value& item : answer.at("groups").as_array()) {
      const json::object& group = item.as_object();
      const std::string name(group.at("group").as_string());
      Group& sum = groups_[name];
      sum.status = std::string(group.at("status").as_string());
      sum.triggered += group.at("triggered").to_number<int64_t>();
      sum.alert_s += group.at("alert_s").to_number<int64_t>();
      for (const json::value& transition : group.at("transitions").as_array()) {
        lines_.push_back(
            {.time_s = transition.at("time").to_number<int64_t>(), .text = line_text(transition.as_object(), name)});
      }
    }
    for (const json::value& warning : answer.at("warnings").as_array()) {
      std::string text(warning.as_string());
      if (std::find(warnings_.begin(), warnings_.end(), text) == warnings_.end()) warnings_.push_back(std::move(text));
    }
    evaluations_ += answer.at("evaluations").to_number<int64_t>();
    groups_left_out_ = std::max(groups_left_out_, answer.at("groups_left_out").to_number<int64_t>());
    transitions_left_out_ += answer.at("transitions_left_out").to_number<int64_t>();
    complete_ = answer.at("complete").as_bool();
    evaluated_to_s_ = answer.at("evaluated_to").to_number<int64_t>();
    resume_ = json::serialize(answer.at("resume"));
  } catch (const std::exception&) {  // Boost.JSON throws for what is not there or of another kind
    return base::Error(base::ErrorCode::kCorrupt, "the server's answer is not that of a trial");
  }
  return base::ok();
}

std::string TrialTable::text() const {
  std::vector<Line> lines = lines_;
  std::sort(lines.begin(), lines.end(),
            [](const Line& a, const Line& b) { return a.time_s != b.time_s ? a.time_s < b.time_s : a.text < b.text; });
  std::string out;
  if (lines.empty()) {
    out = "it would not have fired\n";
  } else {
    out = pad("time (UTC)", 21) + pad("what", 14) + pad("value", 14) + "group\n";
    for (const Line& line : lines) out += line.text + "\n";
  }
  for (const auto& [name, group] : groups_) {
    if (group.triggered == 0 && group.alert_s == 0) continue;
    out += printable(name) + ": " + std::to_string(group.triggered) + " times in Alert, " +
           duration_text(group.alert_s) + " in all, now " + printable(group.status) + "\n";
  }
  out += std::to_string(evaluations_) + " evaluations, " + std::to_string(groups_.size()) + " groups\n";
  if (groups_left_out_ > 0) out += "note: at least " + std::to_string(groups_left_out_) + " groups are not shown\n";
  if (transitions_left_out_ > 0) {
    out += "note: " + std::to_string(transitions_left_out_) + " transitions are not shown\n";
  }
  for (const std::string& warning : warnings_) out += "note: " + printable(warning) + "\n";
  return out;
}

int run_try(const TryCommand& command, const base::Clock& clock, std::istream& in, std::ostream& out,
            std::ostream& errors) {
  const auto say = [&](const std::string& text) { errors << "godseye monitor try: " << printable(text) << "\n"; };
  const int64_t now_s = base::unix_seconds(clock.wall());
  const auto from = parse_time(command.from, now_s);
  const auto to = parse_time(command.to, now_s);
  if (!from || !to) {
    say(!from ? "--from: " + from.error().message() : "--to: " + to.error().message());
    return 2;
  }
  const base::Result<std::string> monitor = read_monitor(command, in);
  if (!monitor) {
    say(monitor.error().message());
    return 2;
  }
  net::HttpClient client;
  TrialTable table;
  int64_t begin_s = *from;
  for (int answers = 0; answers < kAnswersMax; ++answers) {
    net::HttpCall call;
    call.method = "POST";
    call.url = command.server + "/api/godseye/v1/monitors/try";
    call.headers.add("Content-Type", "application/json");
    if (!command.api_key.empty()) call.headers.add("DD-API-KEY", command.api_key);
    if (!command.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", command.app_key);
    const std::string body = request_body(command, *monitor, begin_s, *to, table.resume());
    call.body = body;
    call.timeout = std::chrono::seconds(60);
    const auto reply = client.send(call);
    if (!reply) {
      say(command.server + ": " + reply.error().message());
      return 2;
    }
    if (reply->status != 200) {
      say(error_text(reply->body));
      return 1;
    }
    if (base::Status added = table.add(reply->body); !added) {
      say(added.error().message());
      return 2;
    }
    if (command.json) out << reply->body << "\n";
    if (table.complete()) break;
    if (table.evaluated_to_s() <= begin_s) {
      say("the server makes no progress");
      return 2;
    }
    begin_s = table.evaluated_to_s();
    errors << (begin_s - *from) * 100 / std::max<int64_t>(1, *to - *from) << " % (" << time_text(begin_s) << ")\n";
  }
  if (!command.json) out << table.text();
  return 0;
}

}  // namespace godseye::app
