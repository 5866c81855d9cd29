#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

// Sessions and users. The rows of `spans` say who was there and when, those of `llm_spans` what was said and paid.
namespace godseye::query {
namespace {

// Contracts of the security metrics: from here a message counts as suspicious, above as refused.
constexpr double kSuspicious = 0.4;
constexpr double kRefused = 0.7;
constexpr size_t kWordsMax = 20;  // services, models of one

std::string column_of(ActivityOf what) { return what == ActivityOf::kSession ? "session_id" : "user_id"; }

void read_words(const store::Column& column, size_t row, std::vector<std::string>& into) {
  const auto items = column.items(row);
  for (size_t i = items.begin; i < items.end; ++i) {
    const std::string_view word = column.elements().text(i);
    if (!word.empty()) into.emplace_back(word);
  }
  std::sort(into.begin(), into.end());
}

std::string words(std::string_view column) {
  return "CAST(groupUniqArray(" + std::to_string(kWordsMax) + ")(" + std::string(column) + "), 'Array(String)')";
}

// `who`, first, last, spans, errors, the other id, services.
std::string presence_list(ActivityOf what) {
  const std::string id = column_of(what);
  const std::string other = what == ActivityOf::kSession ? "argMaxIf(user_id, start, user_id != '')" : "''";
  const std::string sessions = what == ActivityOf::kUser ? "uniqExactIf(session_id, session_id != '')" : "0";
  return id +
         " AS who, toInt64(toUnixTimestamp64Nano(min(start))) AS first, "
         "toInt64(toUnixTimestamp64Nano(max(start))) AS last, toUInt64(countIf(bitAnd(flags, 16384) = 0)), "
         "toUInt64(sumIf(error, bitAnd(flags, 16384) = 0)), " +
         other + ", toUInt64(" + sessions + "), " + words("service");
}

Activity read_presence(const store::Rows& rows, size_t row) {
  Activity activity;
  activity.id = rows.column(0).text(row);
  activity.first_ns = rows.column(1).i64(row);
  activity.last_ns = rows.column(2).i64(row);
  activity.spans = rows.column(3).u64(row);
  activity.errors = rows.column(4).u64(row);
  activity.user_id = rows.column(5).text(row);
  activity.sessions = rows.column(6).u64(row);
  read_words(rows.column(7), row, activity.services);
  return activity;
}

// What was said and paid, of `items`. `in_time`: a condition.
base::Status add_calls(SpanSource& source, ActivityOf what, const std::string& in_time, std::vector<Activity>& items) {
  if (items.empty()) return base::ok();
  std::vector<std::string> ids;
  std::unordered_map<std::string_view, Activity*> by_id;
  for (Activity& item : items) {
    ids.push_back(item.id);
    by_id.emplace(item.id, &item);
  }
  SqlParameters parameters;
  // Tokens and money of a call that another span carries are not counted twice (signal::kSpanLlmNotCounted).
  const std::string counted = "bitAnd(flags, 16) = 0";
  const std::string sql =
      "SELECT " + column_of(what) +
      ", toUInt64(countIf(kind = 'llm')), toInt64(sumIf(input_tokens, input_tokens > 0 AND " + counted +
      ")), toInt64(sumIf(output_tokens, output_tokens > 0 AND " + counted +
      ")), toFloat64(sumIf(cost_usd, cost_usd > 0 AND " + counted + ")), toUInt64(countIf(price = 'unknown' AND " +
      counted +
      ")), toFloat64(max(injection_score)), toFloat64(ifNotFinite(avgIf(quality_score, quality_score >= 0), -1)), "
      "toUInt64(countIf(injection_score >= " +
      number_text(kSuspicious) + ")), toUInt64(countIf(injection_score > " + number_text(kRefused) + ")), " +
      words("model_name") + " FROM llm_spans WHERE " + in_time + " AND has(" + parameters.texts(ids) + ", " +
      column_of(what) + ") GROUP BY " + column_of(what);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < rows->row_count(); ++i) {
    const auto found = by_id.find(rows->column(0).text(i));
    if (found == by_id.end()) continue;
    Activity& item = *found->second;
    item.llm_calls = rows->column(1).u64(i);
    item.input_tokens = static_cast<uint64_t>(rows->column(2).i64(i));
    item.output_tokens = static_cast<uint64_t>(rows->column(3).i64(i));
    item.cost_usd = rows->column(4).f64(i);
    item.unpriced_calls = rows->column(5).u64(i);
    if (rows->column(6).f64(i) >= 0) item.injection_max = rows->column(6).f64(i);
    if (rows->column(7).f64(i) >= 0) item.quality_avg = rows->column(7).f64(i);
    item.suspicious = rows->column(8).u64(i);
    item.refused = rows->column(9).u64(i);
    read_words(rows->column(10), i, item.models);
  }
  return base::ok();
}

base::Result<std::vector<Activity>> presence(SpanSource& source, ActivityOf what, const std::string& where,
                                             size_t limit, size_t offset, SqlParameters& parameters) {
  const std::string sql = "SELECT " + presence_list(what) + " FROM spans WHERE " + where +
                          " GROUP BY who ORDER BY last DESC, who LIMIT " + std::to_string(limit) + " OFFSET " +
                          std::to_string(offset);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  std::vector<Activity> items;
  for (size_t i = 0; i < rows->row_count(); ++i) items.push_back(read_presence(*rows, i));
  return items;
}

std::string of_one(ActivityOf what, std::string_view id, SqlParameters& parameters) {
  return column_of(what) + " = " + parameters.text(std::string(id));
}

}  // namespace

base::Result<ActivityPage> list_activity(SpanSource& source, ActivityOf what, const SessionQuery& query) {
  if (base::Status range = check_range(query.from_ns, query.to_ns); !range) return std::move(range).error();
  const size_t limit = std::clamp<size_t>(query.limit, 1, source.limits().page_max);
  const SpanSearch search{
      .query = query.query, .from_ns = query.from_ns, .to_ns = query.to_ns, .llm_only = query.llm_only};
  SqlParameters parameters;
  base::Result<std::string> where =
      search_where(search, query.llm_only ? SpanTable::kLlm : SpanTable::kSpans, parameters);
  if (!where) return std::move(where).error();
  const std::string in_time = time_condition(query.from_ns, query.to_ns);
  std::string condition = *where;
  if (query.llm_only) {
    condition = in_time + " AND " + column_of(what) + " IN (SELECT " + column_of(what) + " FROM llm_spans WHERE " +
                *where + ")";
  }
  condition += " AND " + column_of(what) + " != ''";
  base::Result<std::vector<Activity>> items = presence(source, what, condition, limit + 1, query.offset, parameters);
  if (!items) return std::move(items).error();
  ActivityPage page{.items = *std::move(items)};
  if (page.items.size() > limit) {
    page.items.resize(limit);
    page.more = true;
  }
  if (base::Status added = add_calls(source, what, in_time, page.items); !added) return std::move(added).error();
  return page;
}

base::Result<Activity> read_activity(SpanSource& source, ActivityOf what, std::string_view id) {
  SqlParameters parameters;
  const std::string where = of_one(what, id, parameters);
  base::Result<std::vector<Activity>> items = presence(source, what, where, 1, 0, parameters);
  if (!items) return std::move(items).error();
  if (items->empty() || id.empty()) {
    return base::Error(base::ErrorCode::kNotFound, what == ActivityOf::kSession ? "no span of this session is stored"
                                                                                : "no span of this user is stored");
  }
  const std::string in_time = time_condition(items->front().first_ns, items->front().last_ns + 1);
  if (base::Status added = add_calls(source, what, in_time, *items); !added) return std::move(added).error();
  return std::move(items->front());
}

base::Result<SessionDetail> read_session(SpanSource& source, std::string_view id) {
  base::Result<Activity> summary = read_activity(source, ActivityOf::kSession, id);
  if (!summary) return std::move(summary).error();
  SessionDetail detail{.summary = *std::move(summary)};
  const size_t limit = source.limits().session_turns_max;
  SqlParameters parameters;
  const std::string sql = "SELECT toInt64(toUnixTimestamp64Nano(start)), trace_id_low, span_id FROM llm_spans WHERE " +
                          time_condition(detail.summary.first_ns, detail.summary.last_ns + 1) + " AND " +
                          of_one(ActivityOf::kSession, id, parameters) + " ORDER BY start, span_id LIMIT " +
                          std::to_string(limit + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  std::vector<SpanPosition> positions;
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) {
    positions.push_back({.start_ns = rows->column(0).i64(i),
                         .trace_id_low = rows->column(1).u64(i),
                         .span_id = rows->column(2).u64(i)});
  }
  if (rows->row_count() > limit) {
    detail.warnings.push_back("the session has more than " + std::to_string(limit) + " LLM spans; the first are shown");
  }
  if (positions.empty()) return detail;
  if (base::Status added = add_detections(source, id, detail); !added) return std::move(added).error();
  base::Result<std::vector<StoredSpan>> turns = read_spans(source, positions);
  if (!turns) return std::move(turns).error();
  detail.turns = *std::move(turns);
  if (base::Status added = add_llm(source, detail.turns, true); !added) return std::move(added).error();
  return detail;
}

base::Result<UserDetail> read_user(SpanSource& source, std::string_view id) {
  base::Result<Activity> summary = read_activity(source, ActivityOf::kUser, id);
  if (!summary) return std::move(summary).error();
  UserDetail detail{.summary = *std::move(summary)};
  const std::string in_time = time_condition(detail.summary.first_ns, detail.summary.last_ns + 1);
  SqlParameters parameters;
  const std::string where = in_time + " AND session_id != '' AND " + of_one(ActivityOf::kUser, id, parameters);
  base::Result<std::vector<Activity>> sessions =
      presence(source, ActivityOf::kSession, where, source.limits().facet_values_max, 0, parameters);
  if (!sessions) return std::move(sessions).error();
  detail.sessions = *std::move(sessions);
  if (base::Status added = add_calls(source, ActivityOf::kSession, in_time, detail.sessions); !added) {
    return std::move(added).error();
  }
  return detail;
}

}  // namespace godseye::query
