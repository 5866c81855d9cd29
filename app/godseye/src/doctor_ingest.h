#pragma once

#include "doctor.h"

#include <string>
#include <string_view>
#include <vector>

namespace godseye::app {

struct IngestQuestion {
  std::string api_key;  // empty: none sent; enough for a server with anonymous-loopback
  std::string app_key;
};

// `godseye doctor --ingest`: asks the running server of `settings` what became of what clients sent, and says it in
// words: one finding for each client and way in, one for the journal and the tables, one for each kind of loss.
std::vector<Finding> examine_ingestion(const Settings& settings, const IngestQuestion& question);

// The words for an answer of GET /api/godseye/v1/ingestion; pure.
std::vector<Finding> explain_ingestion(std::string_view json);

}  // namespace godseye::app
