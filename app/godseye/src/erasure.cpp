#include "erasure.h"

#include <godseye/base/log.h>

namespace godseye::app {
namespace {

base::Result<api::Erased> erased_of(base::Result<store::EraseReport> report, std::string_view what) {
  if (!report) return std::move(report).error();
  api::Erased erased{.rows = std::move(report->rows), .note = {}};
  uint64_t rows = 0;
  for (const auto& [table, count] : erased.rows) rows += count;
  if (report->quarantine_files > 0) {
    erased.note = std::to_string(report->quarantine_files) +
                  " segments that could not be stored are in journal/quarantine; they may hold such data: look at them "
                  "and remove them by hand";
  }
  // Whose data it was stays out of the log.
  spdlog::info("erased the data of a {}: {} rows", what, rows);
  return erased;
}

}  // namespace

api::ErasureParts erasure_parts(store::Store& store, SpanPath& spans) {
  return {.session =
              [&](std::string_view id) {
                spans.forget_session(id);
                return erased_of(store.erase_session(id), "session");
              },
          .user =
              [&](std::string_view id) {
                spans.forget_users();
                return erased_of(store.erase_user(id), "user");
              }};
}

}  // namespace godseye::app
