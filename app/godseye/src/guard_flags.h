#pragma once

#include "guard_command.h"

#include <CLI/CLI.hpp>

// The flags of `godseye guard …` and which of its commands was asked for.
namespace godseye::app {

class GuardFlags {
 public:
  void add_to(CLI::App& program);
  bool parsed() const { return guard_->parsed(); }
  // Runs what was asked for on standard input and output; the program's exit status.
  int run() const;

 private:
  void add_quality();

  CLI::App* guard_ = nullptr;
  CLI::App* score_ = nullptr;
  CLI::App* pii_ = nullptr;
  CLI::App* quality_ = nullptr;
  CLI::App* image_ = nullptr;
  CLI::App* calibrate_ = nullptr;
  GuardOptions options_;
  bool jsonl_ = false;
};

}  // namespace godseye::app
