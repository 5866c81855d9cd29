#include "metric_lists.h"

#include "aggregation.h"
#include "scope_sql.h"

#include <algorithm>

namespace godseye::query {
namespace {

constexpr size_t kTagKeysMax = 200;

base::Result<store::Rows> select(store::Engine& engine, const std::string& sql, SqlParameters& parameters) {
  store::QueryOptions options;
  options.parameters = parameters.take();
  return engine.select(sql, options);
}

std::string since(int64_t from_s) {
  return "day >= toDate(toDateTime(" + std::to_string(std::clamp<int64_t>(from_s, 0, UINT32_MAX)) + ", 'UTC'), 'UTC')";
}

std::vector<std::string> first_column(const store::Rows& rows) {
  std::vector<std::string> values;
  for (size_t i = 0; i < rows.row_count(); ++i) values.emplace_back(rows.column(0).text(i));
  return values;
}

}  // namespace

base::Result<std::vector<std::string>> list_metric_names(store::Engine& engine, std::string_view part,
                                                         std::string_view tag, int64_t from_s, size_t count_max) {
  SqlParameters parameters;
  std::string sql = "SELECT DISTINCT CAST(metric, 'String') AS name FROM series WHERE " + since(from_s);
  // positionCaseInsensitive, since a person types the text.
  if (!part.empty()) sql += " AND positionCaseInsensitive(metric, " + parameters.text(std::string(part)) + ") > 0";
  if (!tag.empty()) sql += " AND has(tags, " + parameters.text(std::string(tag)) + ")";
  sql += " ORDER BY name LIMIT " + std::to_string(count_max);
  base::Result<store::Rows> rows = select(engine, sql, parameters);
  if (!rows) return std::move(rows).error();
  return first_column(*rows);
}

base::Result<MetricMetadata> read_metadata(store::Engine& engine, std::string_view metric) {
  SqlParameters parameters;
  const std::string sql =
      "SELECT toUInt64(type), toUInt64(interval_s), toUInt64(count()) AS n FROM series WHERE metric = " +
      parameters.text(std::string(metric)) + " GROUP BY type, interval_s ORDER BY n DESC LIMIT 1";
  base::Result<store::Rows> rows = select(engine, sql, parameters);
  if (!rows) return std::move(rows).error();
  if (rows->row_count() == 0) {
    return base::Error(base::ErrorCode::kNotFound, "no metric '" + std::string(metric.substr(0, 200)) + "'");
  }
  return MetricMetadata{.name = std::string(metric),
                        .type = std::string(type_name(static_cast<signal::MetricType>(rows->column(0).u64(0)))),
                        .interval_s = static_cast<uint32_t>(rows->column(1).u64(0))};
}

base::Result<std::vector<TagKeyValues>> list_tags(store::Engine& engine, std::string_view metric, size_t values_max) {
  SqlParameters parameters;
  // A bare word is a key with an empty value.
  const std::string sql =
      "SELECT key, toUInt64(count()) AS n, arraySlice(arraySort(groupArray(value)), 1, " + std::to_string(values_max) +
      ") AS some FROM (SELECT DISTINCT if(position(t, ':') = 0, t, substring(t, 1, position(t, ':') - 1)) AS key, "
      "if(position(t, ':') = 0, '', substring(t, position(t, ':') + 1)) AS value FROM (SELECT DISTINCT "
      "arrayJoin(CAST(tags, 'Array(String)')) AS t FROM series WHERE metric = " +
      parameters.text(std::string(metric)) + ")) GROUP BY key ORDER BY key LIMIT " + std::to_string(kTagKeysMax);
  base::Result<store::Rows> rows = select(engine, sql, parameters);
  if (!rows) return std::move(rows).error();
  std::vector<TagKeyValues> keys;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    TagKeyValues key{.key = std::string(rows->column(0).text(i)), .values_total = rows->column(1).u64(i), .values = {}};
    const store::Column& values = rows->column(2);
    const auto items = values.items(i);
    for (size_t k = items.begin; k < items.end; ++k) key.values.emplace_back(values.elements().text(k));
    keys.push_back(std::move(key));
  }
  return keys;
}

base::Result<std::vector<std::string>> list_hosts(store::Engine& engine, std::string_view part, int64_t from_s,
                                                  size_t count_max) {
  SqlParameters parameters;
  std::string sql =
      "SELECT DISTINCT substring(t, 6) AS host FROM (SELECT DISTINCT arrayJoin(CAST(tags, 'Array(String)')) AS t FROM "
      "series WHERE " +
      since(from_s) + ") WHERE startsWith(t, 'host:')";
  if (!part.empty())
    sql += " AND positionCaseInsensitive(substring(t, 6), " + parameters.text(std::string(part)) + ") > 0";
  sql += " ORDER BY host LIMIT " + std::to_string(count_max);
  base::Result<store::Rows> rows = select(engine, sql, parameters);
  if (!rows) return std::move(rows).error();
  return first_column(*rows);
}

}  // namespace godseye::query
