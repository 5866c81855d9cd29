#pragma once

#include "import_command.h"
#include "settings.h"

#include <CLI/CLI.hpp>

namespace godseye::app {

// What `godseye import-history` is told.
class ImportFlags {
 public:
  void add_to(CLI::App& program);
  bool parsed() const { return import_->parsed(); }
  // Standard input and output; the program's exit status.
  int run(const Environment& environment);

 private:
  CLI::App* import_ = nullptr;
  ControlTarget target_;
  ImportOptions options_;
};

}  // namespace godseye::app
