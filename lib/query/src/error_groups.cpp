#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>

namespace godseye::query {
namespace {

constexpr size_t kSamplesMax = 5;
constexpr size_t kVersionsMax = 50;
constexpr size_t kStackBytesMax = 16 * 1024;
constexpr int64_t kDayNs = 86'400'000'000'000;

std::vector<std::string> texts_of(const store::Column& column, size_t row) {
  std::vector<std::string> texts;
  const auto items = column.items(row);
  for (size_t i = items.begin; i < items.end; ++i) texts.emplace_back(column.elements().text(i));
  return texts;
}

// Text of the newest span that has `key`.
std::string newest(std::string_view expression) { return "argMax(" + std::string(expression) + ", start)"; }

// Looks at all that is stored of the groups: first seen, versions in order of their appearance, and whether the error
// came back. One error group is a fingerprint in a service.
base::Status add_history(SpanSource& source, std::vector<ErrorGroup>& groups) {
  if (groups.empty()) return base::ok();
  std::string fingerprints;
  for (const ErrorGroup& group : groups) {
    fingerprints.append(fingerprints.empty() ? "" : ", ").append("toUInt64(" + std::to_string(group.fingerprint) + ")");
  }
  SqlParameters parameters;
  const std::string sql =
      "SELECT error_fingerprint, toString(service) AS s, toString(version) AS v, "
      "toInt64(toUnixTimestamp64Nano(min(start))) AS first, toInt64(toUnixTimestamp64Nano(max(start))) FROM spans "
      "WHERE "
      "error_fingerprint IN (" +
      fingerprints + ") GROUP BY error_fingerprint, s, v ORDER BY first LIMIT " +
      std::to_string(groups.size() * kVersionsMax);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (ErrorGroup& group : groups) {
    int64_t last_ns = 0;
    for (size_t i = 0; i < rows->row_count(); ++i) {
      if (rows->column(0).u64(i) != group.fingerprint || rows->column(1).text(i) != group.service) continue;
      const int64_t first_ns = rows->column(3).i64(i);
      group.first_seen_ns = std::min(group.first_seen_ns, first_ns);
      if (last_ns != 0 && first_ns - last_ns >= kDayNs) group.regression = true;
      last_ns = std::max(last_ns, rows->column(4).i64(i));
      if (!rows->column(2).text(i).empty()) group.versions.emplace_back(rows->column(2).text(i));
    }
  }
  return base::ok();
}

}  // namespace

base::Result<ErrorPage> error_groups(SpanSource& source, const SpanSearch& search) {
  if (base::Status range = check_range(search.from_ns, search.to_ns); !range) return std::move(range).error();
  const size_t limit = std::clamp<size_t>(search.limit, 1, source.limits().error_groups_max);
  SqlParameters parameters;
  base::Result<std::string> where = search_where(search, SpanTable::kSpans, parameters);
  if (!where) return std::move(where).error();
  *where += kCountedOnce;
  const std::string sql =
      "SELECT error_fingerprint, toString(service) AS s, toUInt64(count()) AS n, "
      "toUInt64(uniqCombined64If(user_id, user_id != '')), toUInt64(uniqCombined64If(session_id, session_id != '')), "
      "toInt64(toUnixTimestamp64Nano(min(start))), toInt64(toUnixTimestamp64Nano(max(start))), " +
      newest("meta['error.type']") + ", " +
      newest("if(mapContains(meta, 'error.message'), meta['error.message'], meta['error.msg'])") + ", " +
      newest("substring(meta['error.stack'], 1, " + std::to_string(kStackBytesMax) + ")") +
      ", arrayMap(x -> concat(leftPad(lower(hex(x.2)), 16, '0'), leftPad(lower(hex(x.3)), 16, '0')), "
      "groupArraySorted(" +
      std::to_string(kSamplesMax) +
      ")((-toUnixTimestamp64Nano(start), trace_id_high, trace_id_low))) FROM spans WHERE " + *where +
      " AND error_fingerprint != 0 GROUP BY error_fingerprint, s ORDER BY n DESC, error_fingerprint LIMIT " +
      std::to_string(limit + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  ErrorPage page;
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) {
    ErrorGroup group{.fingerprint = rows->column(0).u64(i),
                     .service = std::string(rows->column(1).text(i)),
                     .type = std::string(rows->column(7).text(i)),
                     .message = std::string(rows->column(8).text(i)),
                     .stack = std::string(rows->column(9).text(i)),
                     .count = rows->column(2).u64(i),
                     .users = rows->column(3).u64(i),
                     .sessions = rows->column(4).u64(i),
                     .first_seen_ns = rows->column(5).i64(i),
                     .last_seen_ns = rows->column(6).i64(i),
                     .sample_traces = texts_of(rows->column(10), i)};
    group.sample_traces.erase(std::unique(group.sample_traces.begin(), group.sample_traces.end()),
                              group.sample_traces.end());
    page.groups.push_back(std::move(group));
  }
  if (rows->row_count() > limit) {
    page.warnings.push_back("more than " + std::to_string(limit) + " errors; the most frequent are shown");
  }
  if (base::Status added = add_history(source, page.groups); !added) return std::move(added).error();
  return page;
}

}  // namespace godseye::query
