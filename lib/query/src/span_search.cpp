#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>
#include <charconv>

namespace godseye::query {
namespace {

// The newest matches of a long range are looked for in its newest part first: most searches end there. Each step is
// this many times as long as the one before.
constexpr int64_t kStepFirstNs = 600'000'000'000;
constexpr int64_t kStepGrowth = 8;

// A cursor is the position of the last span of the page before, as hexadecimal numbers.
std::string cursor_text(const SpanPosition& position) {
  char text[80];
  char* at = text;
  const auto put = [&](uint64_t value) { at = std::to_chars(at, text + sizeof text, value, 16).ptr; };
  put(static_cast<uint64_t>(position.start_ns));
  *at++ = '-';
  put(position.trace_id_low);
  *at++ = '-';
  put(position.span_id);
  return std::string(text, at);
}

base::Result<SpanPosition> read_cursor(std::string_view text) {
  uint64_t values[3] = {};
  const char* at = text.data();
  const char* end = at + text.size();
  bool good = true;
  for (size_t i = 0; i < 3 && good; ++i) {
    if (i > 0) good = at != end && *at++ == '-';
    if (!good) break;
    const auto parsed = std::from_chars(at, end, values[i], 16);
    good = parsed.ec == std::errc();
    at = parsed.ptr;
  }
  if (!good || at != end || values[0] > INT64_MAX) {
    return base::Error(base::ErrorCode::kInvalidArgument, "cursor: expected the one of a page before");
  }
  return SpanPosition{.start_ns = static_cast<int64_t>(values[0]), .trace_id_low = values[1], .span_id = values[2]};
}

std::string after_cursor(const SpanPosition& position, bool oldest_first) {
  const std::string comparison = oldest_first ? " > " : " < ";
  return "(start, trace_id_low, span_id)" + comparison + "(fromUnixTimestamp64Nano(toInt64(" +
         std::to_string(position.start_ns) + "), 'UTC'), toUInt64(" + std::to_string(position.trace_id_low) +
         "), toUInt64(" + std::to_string(position.span_id) + "))";
}

// A call that came two ways has two rows in one place.
constexpr size_t kRowsPerSpanMax = 2;

SpanTable home_of(const SpanSearch& search) { return search.llm_only ? SpanTable::kLlm : SpanTable::kSpans; }

struct Window {
  int64_t from_ns;
  int64_t to_ns;
};

// [from, to) in pieces, from the end that the answer begins with.
std::vector<Window> search_windows(int64_t from_ns, int64_t to_ns, bool oldest_first) {
  std::vector<Window> windows;
  int64_t length = kStepFirstNs;
  while (from_ns < to_ns) {
    // A rest that is not much longer is taken along.
    const bool last = (to_ns - from_ns) / 2 <= length;
    if (oldest_first) {
      const int64_t end = last ? to_ns : from_ns + length;
      windows.push_back({from_ns, end});
      from_ns = end;
    } else {
      const int64_t begin = last ? from_ns : to_ns - length;
      windows.push_back({begin, to_ns});
      to_ns = begin;
    }
    length *= kStepGrowth;
  }
  return windows;
}

base::Result<std::vector<SpanPosition>> find_positions(SpanSource& source, const SpanSearch& search, size_t wanted) {
  const SpanTable table = home_of(search);
  std::vector<SpanPosition> found;
  std::string after;
  SpanSearch window = search;
  if (!search.cursor.empty()) {
    base::Result<SpanPosition> position = read_cursor(search.cursor);
    if (!position) return std::move(position).error();
    after = " AND " + after_cursor(*position, search.oldest_first);
    int64_t& edge = search.oldest_first ? window.from_ns : window.to_ns;
    edge = search.oldest_first ? std::max(edge, position->start_ns) : std::min(edge, position->start_ns + 1);
    if (window.from_ns >= window.to_ns) return found;
  }
  const std::string order = search.oldest_first ? "" : " DESC";
  for (const Window& part : search_windows(window.from_ns, window.to_ns, search.oldest_first)) {
    window.from_ns = part.from_ns;
    window.to_ns = part.to_ns;
    SqlParameters parameters;
    base::Result<std::string> where = search_where(window, table, parameters);
    if (!where) return std::move(where).error();
    const std::string sql = "SELECT toInt64(toUnixTimestamp64Nano(start)), trace_id_low, span_id FROM " +
                            std::string(table_name(table)) + " WHERE " + *where + after + " ORDER BY start" + order +
                            ", trace_id_low" + order + ", span_id" + order + " LIMIT " +
                            std::to_string((wanted - found.size()) * kRowsPerSpanMax);
    base::Result<store::Rows> rows = source.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    for (size_t i = 0; i < rows->row_count() && found.size() < wanted; ++i) {
      const SpanPosition position{.start_ns = rows->column(0).i64(i),
                                  .trace_id_low = rows->column(1).u64(i),
                                  .span_id = rows->column(2).u64(i)};
      if (found.empty() || !(found.back() == position)) found.push_back(position);
    }
    if (found.size() >= wanted) break;
  }
  return found;
}

constexpr std::string_view kSpanFacets[] = {"service", "env", "name", "resource", "error", "type"};
constexpr std::string_view kLlmFacets[] = {"model", "kind"};

// `FROM … WHERE …` of the rows of `table` that belong to the spans of `search`.
base::Result<std::string> rows_of(const SpanSearch& search, SpanTable table, SqlParameters& parameters) {
  const SpanTable home = home_of(search);
  base::Result<std::string> where = search_where(search, home, parameters);
  if (!where) return std::move(where).error();
  const std::string in_time = time_condition(search.from_ns, search.to_ns);
  const std::string from = " FROM " + std::string(table_name(table)) + " WHERE ";
  if (home == SpanTable::kSpans && table == home) *where += kCountedOnce;
  if (table == home) return from + *where;
  if (home == SpanTable::kSpans && *where == in_time) return from + in_time;
  return from + in_time + " AND (start, trace_id_low, span_id) IN (SELECT start, trace_id_low, span_id FROM " +
         std::string(table_name(home)) + " WHERE " + *where + (home == SpanTable::kSpans ? " AND is_llm)" : ")");
}

// One statement, one pass: a grouping set per facet.
std::string facet_statement(std::span<const std::string_view> names, SpanTable table, const std::string& from,
                            size_t values_max, SqlParameters& parameters) {
  std::string expressions;
  std::string aliases;
  std::string sets;
  std::string texts;
  for (size_t i = 0; i < names.size(); ++i) {
    const SpanKey key = resolve_span_key(names[i], table);
    const std::string alias = "f" + std::to_string(i);
    const std::string comma = i == 0 ? "" : ", ";
    expressions +=
        comma + (key.kind == SpanKey::Kind::kStatus ? text_expression(key, parameters) : key.column) + " AS " + alias;
    aliases += comma + alias;
    sets += comma + "(" + alias + ")";
    texts += comma + "toString(" + alias + ")";
  }
  return "SELECT which, n, total, [" + texts +
         "] AS v FROM (SELECT *, toUInt64(count() OVER (PARTITION BY which)) AS "
         "total, row_number() OVER (PARTITION BY which ORDER BY n DESC) AS place FROM (SELECT toUInt64(count()) AS n, "
         "toUInt64(grouping(" +
         aliases + ")) AS which, " + aliases + " FROM (SELECT " + expressions + from + ") GROUP BY GROUPING SETS (" +
         sets + "))) WHERE place <= " + std::to_string(values_max) + " ORDER BY which DESC, n DESC";
}

base::Status add_facets(SpanSource& source, const SpanSearch& search, SpanTable table,
                        std::span<const std::string_view> names, FacetResult& result) {
  SqlParameters parameters;
  base::Result<std::string> from = rows_of(search, table, parameters);
  if (!from) return std::move(from).error();
  const std::string sql = facet_statement(names, table, *from, source.limits().facet_values_max, parameters);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  std::vector<Facet> facets(names.size());
  for (size_t k = 0; k < names.size(); ++k) facets[k].name = names[k];
  for (size_t i = 0; i < rows->row_count(); ++i) {
    // grouping() has a bit per expression, the first one the highest, set for those that are not in the row's set.
    const uint64_t in_set = ~rows->column(0).u64(i) & ((uint64_t{1} << names.size()) - 1);
    size_t facet = 0;
    while (facet < names.size() && (in_set >> (names.size() - 1 - facet) & 1) == 0) ++facet;
    if (facet == names.size()) continue;
    const store::Column& texts = rows->column(3);
    facets[facet].values_total = rows->column(2).u64(i);
    facets[facet].values.push_back(
        {.value = std::string(texts.elements().text(texts.items(i).begin + facet)), .count = rows->column(1).u64(i)});
  }
  for (Facet& facet : facets) result.facets.push_back(std::move(facet));
  return base::ok();
}

constexpr size_t kEvaluationLabelsMax = 20;

// A facet per label of evaluations and of feedback about the spans.
base::Status add_evaluation_facets(SpanSource& source, const SpanSearch& search, FacetResult& result) {
  SqlParameters parameters;
  base::Result<std::string> from = rows_of(search, SpanTable::kLlm, parameters);
  if (!from) return std::move(from).error();
  const std::string keys = std::string(span_join_keys());
  const std::string values_max = std::to_string(source.limits().facet_values_max);
  const std::string sql =
      "SELECT facet, v, n, toUInt64(count() OVER (PARTITION BY facet)) AS total FROM (SELECT facet, v, "
      "toUInt64(uniqExact(id)) AS n FROM (SELECT (trace_id_low, span_id) AS id, arrayJoin(arrayDistinct(" +
      keys + ")) AS k" + *from + ") AS l INNER JOIN (SELECT " + std::string(evaluation_join_key()) +
      " AS k, concat(if(event_kind = 'feedback', '@feedback.', '@evaluation.'), toString(label)) AS facet, " +
      std::string(evaluation_value()) + " AS v FROM evaluations WHERE " + evaluation_time(search.from_ns) +
      ") AS e USING (k) GROUP BY facet, v) ORDER BY facet, n DESC, v LIMIT " + values_max + " BY facet LIMIT " +
      std::to_string(kEvaluationLabelsMax * source.limits().facet_values_max);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < rows->row_count(); ++i) {
    const std::string_view name = rows->column(0).text(i);
    if (result.facets.empty() || result.facets.back().name != name) {
      result.facets.push_back({.name = std::string(name), .values_total = rows->column(3).u64(i), .values = {}});
    }
    result.facets.back().values.push_back(
        {.value = std::string(rows->column(1).text(i)), .count = rows->column(2).u64(i)});
  }
  return base::ok();
}

}  // namespace

base::Result<std::string> search_where(const SpanSearch& search, SpanTable table, SqlParameters& parameters) {
  base::Result<lang::SearchNode> node = lang::parse_search(search.query);
  if (!node) return std::move(node).error();
  std::string where = time_condition(search.from_ns, search.to_ns);
  base::Result<std::string> condition = search_condition(*node, table, search.from_ns, search.to_ns, parameters);
  if (!condition) return std::move(condition).error();
  if (*condition != "1") where += " AND " + *condition;
  for (const auto& [key, value] : search.llm_filter) {
    lang::SearchNode term{.kind = lang::SearchNode::Kind::kTerm, .key = key, .value = {.text = value}};
    base::Result<std::string> filter = search_condition(term, table, search.from_ns, search.to_ns, parameters);
    if (!filter) return std::move(filter).error();
    where += " AND " + *filter;
  }
  return where;
}

base::Result<SpanPage> search_spans(SpanSource& source, const SpanSearch& search) {
  if (base::Status range = check_range(search.from_ns, search.to_ns); !range) return std::move(range).error();
  const size_t limit = std::clamp<size_t>(search.limit, 1, source.limits().page_max);
  SpanPage page;
  if (search.limit > limit) page.warnings.push_back("at most " + std::to_string(limit) + " spans are on one page");
  base::Result<std::vector<SpanPosition>> positions = find_positions(source, search, limit + 1);
  if (!positions) return std::move(positions).error();
  if (positions->size() > limit) {
    positions->resize(limit);
    page.next_cursor = cursor_text(positions->back());
  }
  if (positions->empty()) return page;
  base::Result<std::vector<StoredSpan>> spans = read_spans(source, *positions);
  if (!spans) return std::move(spans).error();
  page.spans = *std::move(spans);
  if (!search.llm_only && !search.with_llm) {
    for (StoredSpan& span : page.spans) span.llm.reset();
    return page;
  }
  if (base::Status added = add_llm(source, page.spans, search.with_texts); !added) return std::move(added).error();
  return page;
}

base::Result<FacetResult> span_facets(SpanSource& source, const SpanSearch& search) {
  if (base::Status range = check_range(search.from_ns, search.to_ns); !range) return std::move(range).error();
  FacetResult result;
  if (base::Status added = add_facets(source, search, SpanTable::kSpans, kSpanFacets, result); !added) {
    return std::move(added).error();
  }
  // Every span has a service, so its facet counts them all unless it was cut.
  for (const Facet& facet : result.facets) {
    uint64_t sum = 0;
    for (const FacetValue& value : facet.values) sum += value.count;
    result.spans = std::max(result.spans, sum);
  }
  if (base::Status added = add_facets(source, search, SpanTable::kLlm, kLlmFacets, result); !added) {
    return std::move(added).error();
  }
  if (base::Status added = add_evaluation_facets(source, search, result); !added) return std::move(added).error();
  for (const Facet& facet : result.facets) {
    if (facet.values_total > facet.values.size()) {
      result.warnings.push_back("facet " + facet.name + " has " + std::to_string(facet.values_total) + " values; the " +
                                std::to_string(facet.values.size()) + " most frequent are shown");
    }
  }
  return result;
}

}  // namespace godseye::query
