#pragma once

#include "control_command.h"
#include "settings.h"

#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

// `godseye user add | list | role | password | disable | enable`: people who may sign in, on a running server, or the
// first of them in a data directory whose server is down.
namespace godseye::app {

struct UserOptions {
  std::string handle;
  std::string name;
  std::string role = "viewer";
  bool password_from_input = false;
  std::string password;  // read by the caller; empty: one is made and printed
  std::string data_dir;  // of add: write the registry itself; empty: ask the server
};

// Exit code of both: 0; 1 refused; 2 not reachable, or the flags are wrong.
int run_user(const ControlTarget& target, std::string_view action, const UserOptions& options, std::ostream& out,
             std::ostream& errors);
// `data_dir` must have no user yet and no server running on it.
int add_first_user(const UserOptions& options, const base::Clock& clock, std::ostream& out, std::ostream& errors);

class UserFlags {
 public:
  void add_to(CLI::App& program);
  bool parsed() const { return user_->parsed(); }
  // Standard input and output; the program's exit status.
  int run(const Environment& environment, const base::Clock& clock);

 private:
  CLI::App* user_ = nullptr;
  ControlTarget target_;
  UserOptions options_;
};

}  // namespace godseye::app
