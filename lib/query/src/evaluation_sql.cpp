#include "evaluation_sql.h"

namespace godseye::query {
namespace {

constexpr int64_t kDayNs = 86'400'000'000'000;
constexpr size_t kEvaluatedMax = 200'000;  // evaluations of one label that an aggregate looks at, the newest

std::string of_label(const EvaluationKey& key, int64_t from_ns, SqlParameters& parameters) {
  return " FROM evaluations WHERE " + evaluation_time(from_ns) + " AND label = " + parameters.text(key.label) +
         " AND event_kind " + (key.feedback ? "=" : "!=") + " 'feedback'";
}

}  // namespace

std::optional<EvaluationKey> parse_evaluation_key(std::string_view key) {
  EvaluationKey found;
  bool known = false;
  for (const std::string_view prefix : {"evaluation.", "evaluations.", "feedback."}) {
    if (known || !key.starts_with(prefix)) continue;
    known = true;
    found.feedback = prefix.starts_with('f');
    key.remove_prefix(prefix.size());
  }
  if (!known) return std::nullopt;
  constexpr std::string_view kCustom = "custom.";
  if (key.starts_with(kCustom) && key.size() > kCustom.size()) key.remove_prefix(kCustom.size());
  // A label has no dot.
  if (const size_t dot = key.find('.'); dot != std::string_view::npos) {
    found.field = key.substr(dot + 1);
    key = key.substr(0, dot);
    if (found.field != "value" && found.field != "assessment" && found.field != "reasoning") return std::nullopt;
  }
  if (key.empty()) return std::nullopt;
  found.label = key;
  return found;
}

std::string evaluation_time(int64_t from_ns) {
  return "toDate(time) >= toDate(toUInt16(" + std::to_string(from_ns / kDayNs) + "))";
}

std::string_view evaluation_value() {
  return "multiIf(metric_type = 'boolean', if(score = 0, 'false', 'true'), metric_type = 'score', toString(score), "
         "value)";
}

std::string evaluation_field(const EvaluationKey& key) {
  return key.field == "value" ? std::string(evaluation_value()) : "toString(" + key.field + ")";
}

std::string evaluation_number(const EvaluationKey& key) {
  if (key.field != "value") return "toFloat64OrNull(" + evaluation_field(key) + ")";
  return "if(metric_type IN ('score', 'boolean'), toNullable(score), toFloat64OrNull(value))";
}

// Ids and trace ids begin with a character that no tag has.
std::string_view span_join_keys() {
  return "arrayConcat([concat('\\x01s', toString(span_id))], if(parent_id_text = '' AND llm_trace_id != '', "
         "[concat('\\x01t', llm_trace_id)], []), if(session_id = '', [], [concat('session_id:', session_id)]), "
         "CAST(tags, 'Array(String)'))";
}

std::string_view evaluation_join_key() {
  return "multiIf(span_id != '', concat('\\x01s', span_id), join_key != '', concat(join_key, ':', join_value), "
         "concat('\\x01t', trace_id))";
}

// Sets of ids and texts: the engine looks each row up in them.
std::string evaluation_matches(const EvaluationKey& key, const std::string& condition, int64_t from_ns,
                               SqlParameters& parameters) {
  const std::string from = of_label(key, from_ns, parameters) + " AND " + condition + " AND ";
  return "(span_id IN (SELECT toUInt64OrZero(span_id)" + from + "span_id != '') OR session_id IN (SELECT join_value" +
         from + "join_key = 'session_id') OR (parent_id_text = '' AND llm_trace_id IN (SELECT trace_id" + from +
         "span_id = '' AND trace_id != '')) OR arrayExists(t -> t IN (SELECT concat(join_key, ':', join_value)" + from +
         "join_key != ''), CAST(tags, 'Array(String)')))";
}

std::string evaluation_text(const EvaluationKey& key, int64_t from_ns, SqlParameters& parameters) {
  const std::string table = "(SELECT (groupArray(k), groupArray(v)) FROM (SELECT " +
                            std::string(evaluation_join_key()) + " AS k, argMax(" + evaluation_field(key) +
                            ", time) AS v" + of_label(key, from_ns, parameters) +
                            " GROUP BY k ORDER BY max(time) DESC LIMIT " + std::to_string(kEvaluatedMax) + "))";
  return "arrayFirst(v -> v != '', arrayMap(k -> transform(k, arrayPushBack(" + table + ".1, ''), arrayPushBack(" +
         table + ".2, ''), ''), " + std::string(span_join_keys()) + "))";
}

}  // namespace godseye::query
