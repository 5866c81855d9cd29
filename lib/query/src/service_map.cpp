#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>

#include <godseye/signal/span.h>

namespace godseye::query {
namespace {

std::string p95_ms(std::string_view column) {
  return "toFloat64(ifNotFinite(quantileTDigest(0.95)(" + std::string(column) + "), 0)) / 1e6";
}

// Entries of services, that is spans whose parent belongs to another service, and roots.
std::string entries(int64_t from_ns, int64_t to_ns, std::string_view env, SqlParameters& parameters) {
  std::string text = time_condition(from_ns, to_ns) + " AND bitAnd(flags, " +
                     std::to_string(static_cast<unsigned>(signal::kSpanTopLevel)) + ") != 0";
  if (!env.empty()) text += " AND env = " + parameters.text(std::string(env));
  return text;
}

base::Result<uint64_t> count_entries(SpanSource& source, const ServiceMap& map, std::string_view env) {
  SqlParameters parameters;
  const std::string sql = "SELECT toUInt64(count()) FROM spans WHERE " +
                          entries(map.from_ns, map.to_ns, env, parameters) + " AND parent_id != 0";
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  return rows->row_count() == 0 ? 0 : rows->column(0).u64(0);
}

base::Status add_nodes(SpanSource& source, std::string_view env, ServiceMap& map) {
  const size_t limit = source.limits().edges_max;
  SqlParameters parameters;
  const std::string sql = "SELECT toString(service) AS s, toUInt64(count()) AS n, toUInt64(sum(error)), " +
                          p95_ms("duration_ns") + " FROM spans WHERE " +
                          entries(map.from_ns, map.to_ns, env, parameters) + " GROUP BY s ORDER BY n DESC, s LIMIT " +
                          std::to_string(limit + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) {
    map.nodes.push_back({.service = std::string(rows->column(0).text(i)),
                         .requests = rows->column(1).u64(i),
                         .errors = rows->column(2).u64(i),
                         .p95_ms = rows->column(3).f64(i)});
  }
  if (rows->row_count() > limit) {
    map.warnings.push_back("more than " + std::to_string(limit) + " services; the busiest are shown");
  }
  return base::ok();
}

// Each entry joined with its parent. `sample`: one of so many traces is looked at.
base::Status add_edges(SpanSource& source, std::string_view env, uint64_t sample, ServiceMap& map) {
  const size_t limit = source.limits().edges_max;
  SqlParameters parameters;
  std::string children = entries(map.from_ns, map.to_ns, env, parameters) + " AND parent_id != 0";
  if (sample > 1) children += " AND intHash64(trace_id_low) % " + std::to_string(sample) + " = 0";
  // A parent begins before its children, by up to an hour here.
  constexpr int64_t kParentAgeMaxNs = 3'600'000'000'000;
  const std::string parents = time_condition(std::max<int64_t>(0, map.from_ns - kParentAgeMaxNs), map.to_ns);
  const std::string sql =
      "SELECT toString(p.service) AS a, toString(c.service) AS b, toUInt64(count()) AS n, toUInt64(sum(c.error)), " +
      p95_ms("c.duration_ns") +
      " FROM spans AS p INNER JOIN (SELECT trace_id_low, parent_id, service, error, duration_ns FROM spans WHERE " +
      children + ") AS c ON p.trace_id_low = c.trace_id_low AND p.span_id = c.parent_id WHERE " + parents +
      " AND p.service != c.service GROUP BY a, b ORDER BY n DESC, a, b LIMIT " + std::to_string(limit + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) {
    map.edges.push_back({.from = std::string(rows->column(0).text(i)),
                         .to = std::string(rows->column(1).text(i)),
                         .requests = rows->column(2).u64(i) * sample,
                         .errors = rows->column(3).u64(i) * sample,
                         .p95_ms = rows->column(4).f64(i)});
  }
  if (rows->row_count() > limit) {
    map.warnings.push_back("more than " + std::to_string(limit) + " edges; the busiest are shown");
  }
  return base::ok();
}

}  // namespace

base::Result<ServiceMap> service_map(SpanSource& source, int64_t from_ns, int64_t to_ns, std::string_view env) {
  if (base::Status range = check_range(from_ns, to_ns); !range) return std::move(range).error();
  ServiceMap map{.from_ns = from_ns, .to_ns = to_ns};
  const int64_t window = std::chrono::nanoseconds(source.limits().map_window_max).count();
  if (to_ns - from_ns > window) {
    map.from_ns = to_ns - window;
    map.warnings.push_back("the map covers the last " + std::to_string(source.limits().map_window_max.count()) +
                           " hours of the range");
  }
  if (base::Status added = add_nodes(source, env, map); !added) return std::move(added).error();
  base::Result<uint64_t> children = count_entries(source, map, env);
  if (!children) return std::move(children).error();
  const uint64_t sample = *children / std::max<uint64_t>(1, source.limits().map_spans_max) + 1;
  if (sample > 1) {
    map.warnings.push_back("edges are estimated from one in " + std::to_string(sample) + " traces");
  }
  if (base::Status added = add_edges(source, env, sample, map); !added) return std::move(added).error();
  return map;
}

}  // namespace godseye::query
