#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// `godseye delete --session ID | --user ID`: erases their data on a running server, in every table.
namespace godseye::app {

struct DeleteCommand {
  std::string session;  // one of the two
  std::string user;
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;  // empty: none is sent (a server with --anonymous-loopback)
  std::string app_key;
  bool json = false;  // the server's answer as it is
};

// Exit code: 0 the data is gone; 1 the server refuses; 2 it cannot be reached or the flags are wrong.
int run_delete(const DeleteCommand& command, std::ostream& out, std::ostream& errors);

// The server's answer as lines `table  rows`. kCorrupt when it is none.
base::Result<std::string> delete_report(std::string_view body);

}  // namespace godseye::app
