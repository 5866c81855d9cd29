#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/store/engine.h>
#include <godseye/store/store.h>

// The schema, as numbered steps that each run once (table `migrations`). A step that was interrupted is run again, so
// every statement of a step is idempotent (IF NOT EXISTS). Steps are append-only once released.
namespace godseye::store {

struct Migration {
  uint32_t version;
  std::string_view name;
  std::vector<std::string_view> statements;
};

// All steps, versions 1, 2, 3 …
std::span<const Migration> migrations();

struct Retention {
  uint32_t days = 15;       // of points and sketches
  uint32_t span_days = 15;  // of spans, llm_spans, texts and evaluations
  RollupDays rollups;       // series are kept as long as the longest of these
  bool settle = false;      // wait until every part knows when it expires
};

// Brings the database to the newest version and the tables' retention to `retention`. kInvalidArgument when the
// database was written by a newer program ("schema version 7, this program knows 3: …"); else the engine's error.
base::Status migrate(Engine& engine, const std::string& database, Retention retention);

}  // namespace godseye::store
