#include "span_rows.h"

#include "evaluation_sql.h"
#include "search_sql.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

#include <godseye/signal/span.h>

namespace godseye::query {
namespace {

constexpr size_t kIdsPerStatement = 20'000;
constexpr int64_t kDayNs = 86'400'000'000'000;

TextPairs text_pairs(const store::Column& keys, const store::Column& values, size_t row) {
  TextPairs pairs;
  const auto items = keys.items(row);
  const auto value_items = values.items(row);
  pairs.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    pairs.emplace_back(keys.elements().text(items.begin + i), values.elements().text(value_items.begin + i));
  }
  return pairs;
}

NumberPairs number_pairs(const store::Column& keys, const store::Column& values, size_t row) {
  NumberPairs pairs;
  const auto items = keys.items(row);
  const auto value_items = values.items(row);
  pairs.reserve(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    pairs.emplace_back(keys.elements().text(items.begin + i), values.elements().f64(value_items.begin + i));
  }
  return pairs;
}

struct PositionHash {
  size_t operator()(const SpanPosition& p) const { return p.trace_id_low * 0x9e3779b97f4a7c15ull ^ p.span_id; }
};

std::string number_list(const std::vector<uint64_t>& numbers) {
  std::string text;
  for (const uint64_t number : numbers) text.append(text.empty() ? "" : ",").append(std::to_string(number));
  return text;
}

// A condition that picks the rows of `positions` and lets the engine skip most others by time.
std::string position_condition(std::span<const SpanPosition> positions) {
  std::vector<uint64_t> traces;
  std::vector<uint64_t> ids;
  int64_t first = positions[0].start_ns;
  int64_t last = first;
  for (const SpanPosition& p : positions) {
    traces.push_back(p.trace_id_low);
    ids.push_back(p.span_id);
    first = std::min(first, p.start_ns);
    last = std::max(last, p.start_ns);
  }
  std::sort(traces.begin(), traces.end());
  traces.erase(std::unique(traces.begin(), traces.end()), traces.end());
  const std::string in_time = time_condition(first, last + 1);
  // Nearly all of a trace in a stretch of time is wanted: the few that are not cost less than a long list.
  constexpr size_t kListMin = 500;
  if (traces.size() == 1 && ids.size() >= kListMin) return in_time + " AND trace_id_low = " + number_list(traces);
  const std::string named =
      " AND trace_id_low IN (" + number_list(traces) + ") AND span_id IN (" + number_list(ids) + ")";
  // A few spans far apart: their times lead to them by the key of the table, ids alone to a part of every hour.
  constexpr size_t kTimesMax = 500;
  if (positions.size() > kTimesMax) return in_time + named;
  std::string times;
  for (const SpanPosition& p : positions) {
    times.append(times.empty() ? "" : ", ");
    times += "fromUnixTimestamp64Nano(toInt64(" + std::to_string(p.start_ns) + "), 'UTC')";
  }
  return "start IN (" + times + ")" + named;
}

constexpr std::string_view kLlmTexts[] = {"prompt",   "input",       "output",           "expected_output",
                                          "metadata", "error_stack", "tool_definitions", "error_message"};

std::string llm_columns(bool texts) {
  std::string list =
      "toInt64(toUnixTimestamp64Nano(start)), trace_id_low, span_id, toString(kind), toString(ml_app), "
      "toString(model_name), toString(response_model), toString(model_provider), toString(parent_id_text), "
      "toString(llm_trace_id), toString(prompt_id), toString(error_type), toString(finish_reason), toString(price), "
      "toUInt8(scored_by), CAST(tags, 'Array(String)'), input_tokens, output_tokens, total_tokens, cache_read_tokens, "
      "cache_write_tokens, reasoning_tokens, time_to_first_token_s, cost_usd, input_cost_usd, output_cost_usd, "
      "injection_score, quality_score, toxicity_score, similarity_score, ungrounded, toInt64(pii_count), "
      "toInt64(recommended_products), toInt64(invalid_products), CAST(large_fields, 'Array(String)'), "
      "arrayMap(h -> hex(h), large_hashes), reasons";
  for (const std::string_view column : kLlmTexts) {
    list += ", ";
    list += texts ? std::string(column) : "''";
  }
  return list;
}

std::string_view scored_by_name(uint64_t value) {
  switch (static_cast<signal::ScoredBy>(value)) {
    case signal::ScoredBy::kApplication:
      return "application";
    case signal::ScoredBy::kPipeline:
      return "pipeline";
    case signal::ScoredBy::kGateway:
      return "gateway";
    default:
      return "";
  }
}

std::optional<double> known(double value) {
  if (value < 0) return std::nullopt;
  return value;
}

// A text that is stored apart, in table `texts`.
struct LargeText {
  std::string column;
  std::string hash;  // hexadecimal
};
struct LlmRow {
  StoredLlm llm;
  std::vector<LargeText> large;
};

// In the order of llm_columns.
LlmRow read_llm(const store::Rows& rows, size_t row) {
  LlmRow out;
  StoredLlm& llm = out.llm;
  size_t at = 3;
  const auto text = [&] { return std::string(rows.column(at++).text(row)); };
  llm.kind = text();
  llm.ml_app = text();
  llm.model = text();
  llm.response_model = text();
  llm.provider = text();
  llm.parent_id = text();
  llm.llm_trace_id = text();
  llm.prompt_id = text();
  llm.error_type = text();
  llm.finish_reason = text();
  llm.price = text();
  llm.scored_by = scored_by_name(rows.column(at++).u64(row));
  const store::Column& tags = rows.column(at++);
  const auto items = tags.items(row);
  for (size_t i = items.begin; i < items.end; ++i) llm.tags.emplace_back(tags.elements().text(i));
  const auto add_known = [&](std::initializer_list<std::string_view> names, NumberPairs& into) {
    for (const std::string_view name : names) {
      const double value = rows.column(at++).number(row);
      if (value >= 0) into.emplace_back(name, value);
    }
  };
  add_known({"input", "output", "total", "cache_read", "cache_write", "reasoning"}, llm.tokens);
  llm.time_to_first_token_s = known(rows.column(at++).f64(row));
  llm.cost_usd = known(rows.column(at++).f64(row));
  llm.input_cost_usd = known(rows.column(at++).f64(row));
  llm.output_cost_usd = known(rows.column(at++).f64(row));
  add_known({"injection", "quality", "toxicity", "similarity", "ungrounded", "pii_count", "recommended_products",
             "invalid_products"},
            llm.scores);
  const size_t large = at;
  at += 2;
  llm.reasons_json = text();
  llm.prompt_json = text();
  llm.input_json = text();
  llm.output_json = text();
  llm.expected_output_json = text();
  llm.metadata_json = text();
  llm.error_stack = text();
  llm.tool_definitions_json = text();
  llm.error_message = text();
  const store::Column& names = rows.column(large);
  const store::Column& hashes = rows.column(large + 1);
  const size_t first_hash = hashes.items(row).begin;
  for (size_t i = 0; i < names.items(row).size(); ++i) {
    out.large.push_back({.column = std::string(names.elements().text(names.items(row).begin + i)),
                         .hash = std::string(hashes.elements().text(first_hash + i))});
  }
  return out;
}

std::string* column_of(StoredLlm& llm, std::string_view column) {
  static constexpr std::pair<std::string_view, std::string StoredLlm::*> kColumns[] = {
      {"prompt", &StoredLlm::prompt_json},          {"input", &StoredLlm::input_json},
      {"output", &StoredLlm::output_json},          {"expected_output", &StoredLlm::expected_output_json},
      {"metadata", &StoredLlm::metadata_json},      {"tool_definitions", &StoredLlm::tool_definitions_json},
      {"error_message", &StoredLlm::error_message}, {"error_stack", &StoredLlm::error_stack},
      {"reasons", &StoredLlm::reasons_json}};
  for (const auto& [name, member] : kColumns) {
    if (name == column) return &(llm.*member);
  }
  return nullptr;
}

std::string days_condition(std::span<const SpanPosition> positions) {
  const auto [first, last] = std::minmax_element(positions.begin(), positions.end(),
                                                 [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  return "day BETWEEN toDate(toUInt16(" + std::to_string(first->start_ns / kDayNs) + ")) AND toDate(toUInt16(" +
         std::to_string(last->start_ns / kDayNs) + "))";
}

// Which of the texts fit the answer, by hash.
base::Result<std::set<std::string>> affordable(SpanSource& source, const std::string& where) {
  SqlParameters parameters;
  base::Result<store::Rows> rows = source.select(
      "SELECT hex(hash), any(size) AS s FROM texts WHERE " + where + " GROUP BY hash ORDER BY s", parameters);
  if (!rows) return std::move(rows).error();
  std::set<std::string> hashes;
  uint64_t bytes = 0;
  for (size_t i = 0; i < rows->row_count(); ++i) {
    bytes += rows->column(1).u64(i);
    if (bytes > source.limits().large_bytes_max) break;
    hashes.emplace(rows->column(0).text(i));
  }
  return hashes;
}

std::string hash_list(const std::set<std::string>& hashes) {
  std::string list;
  for (const std::string& hash : hashes) {
    if (hash.find_first_not_of("0123456789ABCDEF") != std::string::npos) continue;
    list += (list.empty() ? "unhex('" : ", unhex('") + hash + "')";
  }
  return list;
}

// Puts texts that are stored apart in their places.
base::Status add_large(SpanSource& source, std::span<const SpanPosition> positions, std::span<LlmRow> rows_read) {
  std::set<std::string> wanted;
  for (const LlmRow& row : rows_read) {
    for (const LargeText& large : row.large) wanted.insert(large.hash);
  }
  const std::string list = hash_list(wanted);
  if (list.empty()) return base::ok();
  const std::string days = days_condition(positions) + " AND hash IN (";
  base::Result<std::set<std::string>> fit = affordable(source, days + list + ")");
  if (!fit) return std::move(fit).error();
  std::map<std::string, std::string> texts;
  if (!fit->empty()) {
    SqlParameters parameters;
    base::Result<store::Rows> rows = source.select(
        "SELECT hex(hash), any(text) FROM texts WHERE " + days + hash_list(*fit) + ") GROUP BY hash", parameters);
    if (!rows) return std::move(rows).error();
    for (size_t i = 0; i < rows->row_count(); ++i) texts.emplace(rows->column(0).text(i), rows->column(1).text(i));
  }
  for (LlmRow& row : rows_read) {
    for (const LargeText& large : row.large) {
      std::string* field = column_of(row.llm, large.column);
      if (field == nullptr) continue;
      const auto text = texts.find(large.hash);
      if (text == texts.end()) {
        row.llm.cut.push_back(large.column);
      } else {
        *field = text->second;
      }
    }
  }
  return base::ok();
}

// The keys of tags that evaluations name instead of a span.
base::Result<std::set<std::string, std::less<>>> tags_named(SpanSource& source, int64_t from_ns) {
  SqlParameters parameters;
  base::Result<store::Rows> rows = source.select("SELECT DISTINCT toString(join_key) FROM evaluations WHERE " +
                                                     evaluation_time(from_ns) + " AND join_key != '' LIMIT 1000",
                                                 parameters);
  if (!rows) return std::move(rows).error();
  std::set<std::string, std::less<>> keys;
  for (size_t i = 0; i < rows->row_count(); ++i) keys.emplace(rows->column(0).text(i));
  return keys;
}

// Where an evaluation of each key goes: to spans by their decimal ids, to roots of traces, to spans with a tag. As
// evaluation_join_key writes them.
using Evaluated = std::unordered_multimap<std::string, StoredLlm*>;
base::Result<Evaluated> evaluated_by_key(SpanSource& source, std::span<StoredSpan> spans, int64_t first_ns) {
  base::Result<std::set<std::string, std::less<>>> named = tags_named(source, first_ns);
  if (!named) return std::move(named).error();
  Evaluated by_key;
  for (StoredSpan& span : spans) {
    if (!span.llm) continue;
    by_key.emplace("\x01s" + std::to_string(span.span_id), &*span.llm);
    if (span.llm->parent_id.empty() && !span.llm->llm_trace_id.empty()) {
      by_key.emplace("\x01t" + span.llm->llm_trace_id, &*span.llm);
    }
    std::set<std::string> tags(span.llm->tags.begin(), span.llm->tags.end());
    if (!span.session_id.empty()) tags.insert("session_id:" + span.session_id);
    for (const std::string& tag : tags) {
      // A key may hold a colon: every beginning of the tag is one.
      for (size_t at = tag.find(':'); at != std::string::npos; at = tag.find(':', at + 1)) {
        if (!named->contains(std::string_view(tag).substr(0, at))) continue;
        by_key.emplace(tag, &*span.llm);
        break;
      }
    }
  }
  return by_key;
}

base::Status add_evaluations(SpanSource& source, std::span<StoredSpan> spans) {
  int64_t first_ns = std::numeric_limits<int64_t>::max();
  for (const StoredSpan& span : spans) {
    if (span.llm) first_ns = std::min(first_ns, span.start_ns);
  }
  if (first_ns == std::numeric_limits<int64_t>::max()) return base::ok();
  base::Result<Evaluated> by_key = evaluated_by_key(source, spans, first_ns);
  if (!by_key) return std::move(by_key).error();
  std::vector<std::string> keys;
  for (const auto& [key, llm] : *by_key) {
    if (keys.empty() || keys.back() != key) keys.push_back(key);
  }
  SqlParameters parameters;
  const std::string sql =
      "SELECT " + std::string(evaluation_join_key()) +
      " AS k, toString(label), toString(metric_type), score, value, toString(assessment), reasoning, "
      "toString(event_kind), CAST(tags, 'Array(String)') FROM evaluations WHERE " +
      evaluation_time(first_ns) + " AND k IN (SELECT arrayJoin(" + parameters.texts(keys) + ")) ORDER BY time LIMIT " +
      std::to_string(source.limits().evaluations_max);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < rows->row_count(); ++i) {
    StoredEvaluation one{.label = std::string(rows->column(1).text(i)),
                         .metric_type = std::string(rows->column(2).text(i)),
                         .value = std::string(rows->column(4).text(i)),
                         .assessment = std::string(rows->column(5).text(i)),
                         .reasoning = std::string(rows->column(6).text(i)),
                         .event_kind = std::string(rows->column(7).text(i))};
    if (one.metric_type == "score" || one.metric_type == "boolean") one.score = rows->column(3).f64(i);
    const auto tags = rows->column(8).items(i);
    for (size_t k = tags.begin; k < tags.end; ++k) one.tags.emplace_back(rows->column(8).elements().text(k));
    const auto [first, last] = by_key->equal_range(std::string(rows->column(0).text(i)));
    for (auto to = first; to != last; ++to) to->second->evaluations.push_back(one);
  }
  return base::ok();
}

}  // namespace

std::string span_columns() {
  return "toInt64(toUnixTimestamp64Nano(start)), duration_ns, trace_id_high, trace_id_low, span_id, parent_id, "
         "toString(service), toString(name), resource, toString(type), toString(env), toString(version), "
         "toString(host), session_id, user_id, toUInt8(error), error_fingerprint, toUInt16(flags), toUInt8(source), "
         "CAST(mapKeys(meta), 'Array(String)'), mapValues(meta), CAST(mapKeys(metrics), 'Array(String)'), "
         "mapValues(metrics), links, events, toUInt8(is_llm)";
}

StoredSpan read_span(const store::Rows& rows, size_t row) {
  StoredSpan span;
  size_t at = 0;
  const auto text = [&] { return std::string(rows.column(at++).text(row)); };
  const auto number = [&] { return rows.column(at++).u64(row); };
  span.start_ns = rows.column(at++).i64(row);
  span.duration_ns = rows.column(at++).i64(row);
  span.trace_id_high = number();
  span.trace_id_low = number();
  span.span_id = number();
  span.parent_id = number();
  span.service = text();
  span.name = text();
  span.resource = text();
  span.type = text();
  span.env = text();
  span.version = text();
  span.host = text();
  span.session_id = text();
  span.user_id = text();
  span.error = number() != 0;
  span.error_fingerprint = number();
  span.flags = static_cast<uint16_t>(number());
  span.source = static_cast<uint8_t>(number());
  span.meta = text_pairs(rows.column(at), rows.column(at + 1), row);
  at += 2;
  span.metrics = number_pairs(rows.column(at), rows.column(at + 1), row);
  at += 2;
  span.links_json = text();
  span.events_json = text();
  if (number() != 0) span.llm.emplace();
  return span;
}

namespace {

// The tags of the APM span, the LLM side of the event, in whatever order the engine gives them.
StoredSpan merged(StoredSpan span, StoredSpan twin) {
  if (span.source == static_cast<uint8_t>(signal::SpanSource::kLlmObs)) std::swap(span, twin);
  if (!span.llm) span.llm = std::move(twin.llm);
  // As where both sides come in one span (llmobs::kLlmNameTag): the call keeps its own name.
  if (twin.name != span.name) span.meta.emplace_back("llmobs.name", twin.name);
  if (span.session_id.empty()) span.session_id = std::move(twin.session_id);
  if (span.user_id.empty()) span.user_id = std::move(twin.user_id);
  span.error = span.error || twin.error;
  span.flags = static_cast<uint16_t>((span.flags | twin.flags) & ~signal::kSpanTwin);
  return span;
}

}  // namespace

base::Result<std::vector<StoredSpan>> read_spans(SpanSource& source, std::span<const SpanPosition> positions) {
  std::vector<StoredSpan> spans;
  spans.reserve(positions.size());
  for (size_t begin = 0; begin < positions.size(); begin += kIdsPerStatement) {
    const auto some = positions.subspan(begin, std::min(kIdsPerStatement, positions.size() - begin));
    SqlParameters parameters;
    const std::string sql = "SELECT " + span_columns() + " FROM spans WHERE " + position_condition(some);
    base::Result<store::Rows> rows = source.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    std::unordered_map<SpanPosition, std::pair<size_t, size_t>, PositionHash> found;  // one row, or two
    for (size_t i = 0; i < rows->row_count(); ++i) {
      const auto [at, first] = found.try_emplace({.start_ns = rows->column(0).i64(i),
                                                  .trace_id_low = rows->column(3).u64(i),
                                                  .span_id = rows->column(4).u64(i)},
                                                 i, i);
      if (!first) at->second.second = i;
    }
    for (const SpanPosition& position : some) {
      const auto row = found.find(position);
      if (row == found.end()) continue;
      const auto [one, other] = row->second;
      spans.push_back(one == other ? read_span(*rows, one) : merged(read_span(*rows, one), read_span(*rows, other)));
    }
  }
  return spans;
}

base::Status add_llm(SpanSource& source, std::span<StoredSpan> spans, bool texts) {
  std::vector<SpanPosition> positions;
  for (const StoredSpan& span : spans) {
    if (span.llm) {
      positions.push_back({.start_ns = span.start_ns, .trace_id_low = span.trace_id_low, .span_id = span.span_id});
    }
  }
  std::unordered_map<SpanPosition, size_t, PositionHash> found;
  std::vector<LlmRow> read;
  for (size_t begin = 0; begin < positions.size(); begin += kIdsPerStatement) {
    const auto some = std::span(positions).subspan(begin, std::min(kIdsPerStatement, positions.size() - begin));
    SqlParameters parameters;
    const std::string sql = "SELECT " + llm_columns(texts) + " FROM llm_spans WHERE " + position_condition(some);
    base::Result<store::Rows> rows = source.select(sql, parameters);
    if (!rows) return std::move(rows).error();
    for (size_t i = 0; i < rows->row_count(); ++i) {
      const SpanPosition position{.start_ns = rows->column(0).i64(i),
                                  .trace_id_low = rows->column(1).u64(i),
                                  .span_id = rows->column(2).u64(i)};
      if (found.try_emplace(position, read.size()).second) read.push_back(read_llm(*rows, i));
    }
  }
  if (texts && !read.empty()) {
    if (base::Status added = add_large(source, positions, read); !added) return added;
  }
  for (StoredSpan& span : spans) {
    if (!span.llm) continue;
    const auto llm =
        found.find({.start_ns = span.start_ns, .trace_id_low = span.trace_id_low, .span_id = span.span_id});
    if (llm == found.end()) {
      span.llm.reset();
    } else {
      span.llm = std::move(read[llm->second].llm);
    }
  }
  if (texts) return add_evaluations(source, spans);
  return base::ok();
}

}  // namespace godseye::query
