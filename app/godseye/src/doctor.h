#pragma once

#include "settings.h"

#include <string>
#include <vector>

namespace godseye::app {

enum class Verdict : uint8_t { kOk, kWarning, kProblem };

// One thing that was looked at, and what to do when it is not right.
struct Finding {
  std::string check;
  Verdict verdict = Verdict::kOk;
  std::string text;
};

// Looks at what `serve` with these settings would need, without changing anything: the engine's library (and where it
// was looked for), the child program, the data directory, the ports, and a running server's /health. `environment` is
// used for HOME and for what the child reads.
std::vector<Finding> examine(const Settings& settings, const Environment& environment);

// Where a server with these settings would be reached from this machine: "http://127.0.0.1:8080".
std::string running_url(const Settings& settings);

std::string findings_text(const std::vector<Finding>& findings);
std::string findings_json(const std::vector<Finding>& findings);
bool any_problem(const std::vector<Finding>& findings);

}  // namespace godseye::app
