#include "eraser.h"

#include <algorithm>

#include <godseye/base/log.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

Result<QueryOptions> Eraser::options(const std::vector<uint64_t>& traces) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock_.tick());
  if (left.count() <= 0) return Error(ErrorCode::kTimeout, "not everything is erased yet: repeat it");
  QueryOptions options;
  options.parameters = {{"id", id_}, {"traces", array_parameter(traces)}};
  options.timeout = left;
  return options;
}

// Traces with a span of this session. A trace id of 0 is none.
Result<std::vector<uint64_t>> Eraser::traces() {
  Result<QueryOptions> query = options({});
  if (!query) return std::move(query).error();
  const Result<Rows> rows =
      engine_.select("SELECT DISTINCT trace_id_low FROM spans WHERE " + column_ +
                         " = {id:String} AND trace_id_low != 0 LIMIT " + std::to_string(kTracesMax + 1),
                     *query);
  if (!rows) return rows.error();
  if (rows->row_count() > kTracesMax) {
    return Error(ErrorCode::kTooLarge, column_ + " has more than " + std::to_string(kTracesMax) + " traces");
  }
  std::vector<uint64_t> found;
  if (rows->row_count() > 0) found.assign(rows->column(0).u64s().begin(), rows->column(0).u64s().end());
  std::sort(found.begin(), found.end());
  return found;
}

Status Eraser::remove(std::string_view table, const std::string& condition, const std::vector<uint64_t>& traces) {
  Result<QueryOptions> query = options(traces);
  if (!query) return std::move(query).error();
  const Result<Rows> rows = engine_.select("SELECT count() FROM " + std::string(table) + " WHERE " + condition, *query);
  if (!rows) return Error(rows.error()).within(table);
  const uint64_t count = rows->row_count() == 1 ? rows->column(0).u64(0) : 0;
  const auto found =
      std::find_if(report_.rows.begin(), report_.rows.end(), [&](const auto& r) { return r.first == table; });
  if (found != report_.rows.end()) {
    found->second += count;
  } else {
    report_.rows.emplace_back(table, count);
  }
  if (count == 0) return base::ok();
  query->settings = {{"mutations_sync", "1"}};
  Status done = engine_.execute("ALTER TABLE " + std::string(table) + " DELETE WHERE " + condition, *query);
  if (!done) return std::move(done).error().within(table);
  return base::ok();
}

Result<EraseReport> Eraser::run() {
  const Result<std::vector<uint64_t>> traces = this->traces();
  if (!traces) return traces.error();
  const std::string own = column_ + " = {id:String}";
  // Spans of its traces that name nobody: children that carry no attribution of their own.
  const std::string mate = column_ + " = '' AND trace_id_low IN {traces:Array(UInt64)}";
  const std::string spans =
      "(SELECT arrayJoin([toString(span_id), leftPad(lower(hex(span_id)), 16, '0')]) FROM "
      "llm_spans WHERE ";
  std::string joined = "(join_key = '" + column_ + "' AND join_value = {id:String}) OR has(tags, concat('" + column_ +
                       ":', {id:String}))";

  // What was said about a session that was this user's alone is about this user.
  if (column_ == "user_id") {
    joined +=
        " OR (join_key = 'session_id' AND join_value IN (SELECT session_id FROM spans WHERE session_id IN (SELECT "
        "session_id FROM spans WHERE user_id = {id:String} AND session_id != '') GROUP BY session_id HAVING "
        "countIf(user_id NOT IN ('', {id:String})) = 0))";
  }

  // Evaluations first: the spans that they refer to lead to them. Then what the traces lead to, then the traces.
  Status done = remove("evaluations", "span_id IN " + spans + own + ") OR " + joined, {});
  for (size_t at = 0; done && at < traces->size(); at += kTracesPerStatement) {
    const std::vector<uint64_t> part(
        traces->begin() + static_cast<ptrdiff_t>(at),
        traces->begin() + static_cast<ptrdiff_t>(std::min(traces->size(), at + kTracesPerStatement)));
    done = remove("evaluations", "span_id IN " + spans + mate + ")", part);
    if (done) done = remove("llm_spans", mate, part);
    if (done) done = remove("spans", mate, part);
  }
  if (done) done = remove("llm_spans", own, {});
  if (done) done = remove("texts", "hash NOT IN (SELECT arrayJoin(large_hashes) FROM llm_spans)", {});
  if (done) done = remove("points", own, {});
  if (done) done = remove("sketches", own, {});
  if (done) done = remove("events", own, {});
  if (done) done = remove("spans", own, {});
  if (!done) return std::move(done).error().within("erasing");
  spdlog::info("store: erased a {}", column_);
  return report_;
}

}  // namespace godseye::store
