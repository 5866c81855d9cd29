#pragma once

#include "control_command.h"

#include <iosfwd>
#include <string>

// `godseye incident export`: an incident of a running server as Markdown.
namespace godseye::app {

struct IncidentOptions {
  std::string id;      // UUID or number
  std::string output;  // a file that does not exist yet; empty or "-": standard output
};

// Exit code: 0; 1 the server refuses or the file cannot be written; 2 it cannot be reached.
int run_incident_export(const ControlTarget& target, const IncidentOptions& options, std::ostream& out,
                        std::ostream& errors);

}  // namespace godseye::app
