#include "import_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>
#include <thread>

#include <godseye/net/http_client.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kCallTimeout{150};
constexpr std::chrono::milliseconds kAgainMin{250};
constexpr std::chrono::milliseconds kAgainMax{5'000};
constexpr uint64_t kBadLinesShown = 100;  // of a file

struct FileReport {
  std::string name;
  uint64_t lines = 0;
  uint64_t stored = 0;
  uint64_t there = 0;
  uint64_t bad = 0;
  json::array bad_lines;
};

// Files name themselves as they like; terminals act on control characters.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

std::string error_text(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (const json::object* object = failed ? nullptr : value.if_object()) {
    const json::value* errors = object->if_contains("errors");
    if (errors != nullptr && errors->is_array() && !errors->as_array().empty() && errors->as_array()[0].is_string()) {
      return std::string(errors->as_array()[0].as_string());
    }
  }
  return std::string(body.substr(0, 400));
}

// Whether asking again later can help: the server restarts, its store does, or a rate limit says so.
bool passing(const base::Result<net::HttpReply>& reply) {
  if (!reply) {
    return reply.error().code() == base::ErrorCode::kUnavailable || reply.error().code() == base::ErrorCode::kTimeout;
  }
  return reply->status == 429 || reply->status == 502 || reply->status == 503 || reply->status == 504;
}

class Import {
 public:
  Import(const ControlTarget& target, const ImportOptions& options, std::ostream& out, std::ostream& errors)
      : target_(target), options_(options), out_(out), errors_(errors) {}

  int run(std::istream& in) {
    int worst = 0;
    for (const std::string& name : options_.files) {
      if (const int code = file(name, in); code != 0) worst = std::max(worst, code);
      if (worst == 2) break;
    }
    if (target_.json) out_ << json::serialize(json::object{{"files", std::move(reports_)}}) << "\n";
    return worst;
  }

 private:
  int fail(int code, const std::string& text) {
    errors_ << "godseye import-history: " << printable(text) << std::endl;
    return code;
  }

  base::Result<bool> is_csv(const std::string& name) const {
    if (options_.format == "csv") return true;
    if (options_.format == "ndjson") return false;
    const std::string extension = std::filesystem::path(name).extension();
    if (extension == ".csv") return true;
    if (extension == ".ndjson" || extension == ".jsonl" || extension == ".json") return false;
    return base::Error(base::ErrorCode::kInvalidArgument,
                       name + ": neither .ndjson, .jsonl, .json nor .csv: say --format ndjson or csv");
  }

  int file(const std::string& name, std::istream& in) {
    const base::Result<bool> csv = is_csv(name);
    if (!csv) return fail(2, csv.error().message());
    std::ifstream opened;
    std::error_code unknown;
    uint64_t size = 0;
    if (name != "-") {
      if (std::filesystem::is_directory(name, unknown)) return fail(2, name + " is a directory");
      opened.open(name, std::ios::binary);
      if (!opened) return fail(2, name + ": cannot be read");
      size = std::filesystem::file_size(name, unknown);
      if (unknown) size = 0;
    }
    FileReport report{.name = name, .bad_lines = {}};
    HistoryCutter cutter(name == "-" ? in : opened, *csv);
    int code = 0;
    auto shown = steady_clock::now();
    while (code == 0 && cutter.next()) {
      code = part(cutter, *csv, report);
      if (steady_clock::now() - shown < std::chrono::seconds(1)) continue;
      shown = steady_clock::now();
      errors_ << printable(name) << ": ";
      if (size > 0) errors_ << cutter.bytes() * 100 / size << " %, ";
      errors_ << report.lines << " lines" << std::endl;
    }
    finish(report);
    return code != 0 ? code : report.bad > 0 ? 1 : 0;
  }

  int part(const HistoryCutter& cutter, bool csv, FileReport& report) {
    net::HttpCall call;
    call.method = "POST";
    call.url = target_.server + "/api/godseye/v1/history?format=" + (csv ? "csv" : "ndjson") +
               "&first_line=" + std::to_string(cutter.first_line());
    call.headers.add("Content-Type", csv ? "text/csv" : "application/x-ndjson");
    if (!target_.api_key.empty()) call.headers.add("DD-API-KEY", target_.api_key);
    if (!target_.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", target_.app_key);
    call.body = cutter.body();
    call.timeout = kCallTimeout;
    call.idempotent = true;
    const base::Result<net::HttpReply> reply = send(call);
    const std::string where = report.name + " from line " + std::to_string(cutter.first_line()) + " on: ";
    constexpr const char* kAgain = " (once that is mended run it again: nothing is stored twice)";
    if (!reply) return fail(2, where + target_.server + ": " + reply.error().message() + kAgain);
    if (reply->status != 200) return fail(1, where + error_text(reply->body) + (passing(reply) ? kAgain : ""));
    try {
      take(json::parse(reply->body).as_object(), report);
    } catch (const std::exception&) {  // Boost.JSON throws for what is not there or of another kind
      return fail(2, target_.server + ": the answer is not that of an import");
    }
    return 0;
  }

  base::Result<net::HttpReply> send(const net::HttpCall& call) {
    const auto until = steady_clock::now() + std::chrono::seconds(options_.patience_s);
    auto pause = kAgainMin;
    while (true) {
      base::Result<net::HttpReply> reply = client_.send(call);
      if (!passing(reply) || steady_clock::now() + pause > until) return reply;
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 2, kAgainMax);
    }
  }

  void take(const json::object& answer, FileReport& report) {
    report.lines += answer.at("lines").to_number<uint64_t>();
    report.stored += answer.at("stored").to_number<uint64_t>();
    report.there += answer.at("already_there").to_number<uint64_t>();
    report.bad += answer.at("bad").to_number<uint64_t>();
    for (const json::value& line : answer.at("bad_lines").as_array()) {
      if (report.bad_lines.size() == kBadLinesShown) break;
      report.bad_lines.push_back(line);
      errors_ << printable(report.name) << ":" << line.at("line").to_number<uint64_t>() << ": "
              << printable(line.at("error").as_string()) << "\n";
    }
  }

  void finish(FileReport& report) {
    if (report.bad > report.bad_lines.size()) {
      errors_ << printable(report.name) << ": " << report.bad - report.bad_lines.size() << " more bad lines\n";
    }
    if (!target_.json) {
      out_ << printable(report.name) << ": " << report.stored << " points stored, " << report.there
           << " were there already, " << report.bad << " of " << report.lines << " lines are bad" << std::endl;
    }
    reports_.push_back(json::object{{"file", report.name},
                                    {"lines", report.lines},
                                    {"stored", report.stored},
                                    {"already_there", report.there},
                                    {"bad", report.bad},
                                    {"bad_lines", std::move(report.bad_lines)}});
  }

  const ControlTarget& target_;
  const ImportOptions& options_;
  std::ostream& out_;
  std::ostream& errors_;
  net::HttpClient client_;
  json::array reports_;
};

}  // namespace

HistoryCutter::HistoryCutter(std::istream& in, bool csv) : in_(in) {
  if (!csv || !read_line()) return;
  head_ = line_ + "\n";
  next_line_ = 2;
}

// A line without its end. What is beyond kLineBytesMax is skipped.
bool HistoryCutter::read_line() {
  line_.clear();
  constexpr int kEnd = std::istream::traits_type::eof();
  std::streambuf* buffer = in_.rdbuf();
  bool any = false;
  for (int c = buffer->sbumpc(); c != kEnd; c = buffer->sbumpc()) {
    any = true;
    ++bytes_;
    if (c == '\n') return true;
    if (line_.size() < kLineBytesMax) line_ += static_cast<char>(c);
  }
  return any;
}

bool HistoryCutter::next() {
  body_ = head_;
  first_line_ = next_line_;
  for (size_t lines = 0; lines < kLinesMax; ++lines) {
    if (!line_waits_ && !read_line()) break;
    line_waits_ = lines > 0 && body_.size() + line_.size() > kBytesMax;
    if (line_waits_) break;
    body_.append(line_).append("\n");
    ++next_line_;
  }
  return next_line_ > first_line_;
}

int run_import(const ControlTarget& target, const ImportOptions& options, std::istream& in, std::ostream& out,
               std::ostream& errors) {
  return Import(target, options, out, errors).run(in);
}

}  // namespace godseye::app
