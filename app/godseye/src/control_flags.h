#pragma once

#include "control_command.h"
#include "incident_command.h"
#include "settings.h"

#include <CLI/CLI.hpp>

// The flags of `godseye block`, `unblock`, `blocks`, `audit`, `provider-key`, `virtual-key` and `incident`, and which
// was asked for.
namespace godseye::app {

class ControlFlags {
 public:
  void add_to(CLI::App& program);
  bool parsed() const;
  // Runs what was asked for on standard input and output; the program's exit status.
  int run(const Environment& environment, const base::Clock& clock);

 private:
  CLI::App* command(CLI::App& parent, const std::string& name, const std::string& what);
  void add_block_commands(CLI::App& program);
  void add_provider_key(CLI::App& program);
  void add_virtual_key(CLI::App& program);
  void add_incident(CLI::App& program);
  int run_keys(const Environment& environment);

  CLI::App* block_ = nullptr;
  CLI::App* unblock_ = nullptr;
  CLI::App* blocks_ = nullptr;
  CLI::App* audit_ = nullptr;
  CLI::App* provider_key_ = nullptr;
  CLI::App* virtual_key_ = nullptr;
  CLI::App* incident_ = nullptr;
  ControlTarget target_;
  BlockOptions blocking_;
  AuditOptions auditing_;
  KeyOptions keys_;
  IncidentOptions incidents_;
  std::string from_environment_;
};

}  // namespace godseye::app
