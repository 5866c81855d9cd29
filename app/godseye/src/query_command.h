#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

// `godseye query`: asks a running server and prints what it answers.
namespace godseye::app {

struct QueryCommand {
  std::string text;
  std::string from = "-1h";  // Unix seconds, "now", or back from now: -15m, -1h, -1d, -1w
  std::string to = "now";
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;  // empty: none is sent (a server with --anonymous-loopback)
  std::string app_key;
  bool json = false;  // the server's answer as it is
};

// Exit code: 0; 1 the query is wrong or the server refuses; 2 the server cannot be reached or the flags are wrong.
int run_query(const QueryCommand& command, const base::Clock& clock, std::ostream& out, std::ostream& errors);

// "now", "-1h", "1700000000" → Unix seconds.
base::Result<int64_t> parse_time(std::string_view text, int64_t now_s);
// `text` with a caret under byte `column` (from 1).
std::string caret_under(std::string_view text, uint32_t column);
// The body of GET /api/v1/query as a table with sparklines. kCorrupt when it is none.
base::Result<std::string> query_table(std::string_view body);

}  // namespace godseye::app
