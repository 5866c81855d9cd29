#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

// `godseye monitor try`: what a monitor would have done over stored history. A running server evaluates it, a stretch
// of time in each answer; progress is shown between them.
namespace godseye::app {

struct TryCommand {
  std::string file;          // Datadog's JSON of a monitor; "-": standard input
  std::string from = "-1d";  // as QueryCommand's
  std::string to = "now";
  uint32_t step_s = 0;  // 0: the server chooses
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;
  std::string app_key;
  bool json = false;  // the server's answers, one a line
};

// Exit code: 0; 1 the monitor is wrong or the server refuses; 2 the file or the server cannot be read, or the flags are
// wrong.
int run_try(const TryCommand& command, const base::Clock& clock, std::istream& in, std::ostream& out,
            std::ostream& errors);

// The answers of one trial put together.
class TrialTable {
 public:
  // kCorrupt when `body` is no answer.
  base::Status add(std::string_view body);
  // One line a transition, in the order of time, and a sum for each group.
  std::string text() const;

  bool complete() const { return complete_; }
  int64_t evaluated_to_s() const { return evaluated_to_s_; }
  const std::string& resume() const { return resume_; }  // JSON

 private:
  struct Group {
    std::string status;
    int64_t triggered = 0;
    int64_t alert_s = 0;
  };
  struct Line {
    int64_t time_s = 0;
    std::string text;
  };
  std::vector<Line> lines_;
  std::map<std::string, Group> groups_;
  std::vector<std::string> warnings_;
  int64_t evaluations_ = 0;
  int64_t groups_left_out_ = 0;
  int64_t transitions_left_out_ = 0;
  bool complete_ = false;
  int64_t evaluated_to_s_ = 0;
  std::string resume_ = "[]";
};

}  // namespace godseye::app
