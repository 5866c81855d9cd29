#include "search_sql.h"
#include "span_questions.h"

#include <algorithm>

// What was found in a session, of all of its spans that are stored: the thresholds are those of the metrics and rules
// that ship (suspicious from 0.4, refused above 0.7; quality below 0.6).
namespace godseye::query {
namespace {

struct Rule {
  std::string_view kind;
  std::string_view column;
  std::string_view severity;
  std::string_view condition;
  std::string_view label;
  std::string_view verdict;
  bool whole = false;  // a count
};

constexpr Rule kRules[] = {
    {"injection", "injection_score", "bad", "injection_score > 0.7", "Prompt injection", "refused"},
    {"injection", "injection_score", "warn", "injection_score >= 0.4 AND injection_score <= 0.7", "Prompt injection",
     "suspicious"},
    {"toxicity", "toxicity_score", "bad", "toxicity_score > 0.7", "Toxicity", "toxic"},
    {"toxicity", "toxicity_score", "warn", "toxicity_score >= 0.4 AND toxicity_score <= 0.7", "Toxicity", "rough"},
    {"quality", "quality_score", "bad", "quality_score >= 0 AND quality_score < 0.6", "Quality", "poor"},
    {"ungrounded", "ungrounded", "bad", "ungrounded > 0", "Ungrounded", "not backed by its sources"},
    {"pii", "pii_count", "warn", "pii_count > 0", "Personal data", "found", true},
    {"products", "invalid_products", "bad", "invalid_products > 0", "Products that do not exist", "invented", true},
};

// What a row shows: tuples of kind, severity, text and value.
std::string findings() {
  std::string list = "arrayFilter(f -> f.1 != '', [";
  const std::string none = ", tuple('', '', '', toFloat64(0))), ";
  for (const Rule& rule : kRules) {
    const std::string column(rule.column);
    const std::string number = rule.whole ? "toString(" + column + ")" : "toDecimalString(" + column + ", 2)";
    list += "if(" + std::string(rule.condition) + ", tuple('" + std::string(rule.kind) + "', '" +
            std::string(rule.severity) + "', concat('" + std::string(rule.label) + " ', " + number +
            ", ': " + std::string(rule.verdict) + "'), toFloat64(" + column + "))" + none;
  }
  return list +
         "if(error = 1, tuple('failed', 'bad', concat(toString(name), ' failed', if(error_type = '' AND error_message "
         "= '', '', ': '), toString(error_type), if(error_type = '' OR error_message = '', '', ': '), "
         "substringUTF8(error_message, 1, 300)), toFloat64(1)), tuple('', '', '', toFloat64(0)))])";
}

}  // namespace

base::Status add_detections(SpanSource& source, std::string_view session, SessionDetail& detail) {
  const size_t limit = source.limits().detections_max;
  SqlParameters parameters;
  const std::string where = time_condition(detail.summary.first_ns, detail.summary.last_ns + 1) +
                            " AND session_id = " + parameters.text(std::string(session));
  const std::string sql =
      "SELECT at, low, high, id, f.1, f.2, f.3, f.4, if(f.1 = 'injection', why, '') FROM (SELECT "
      "toInt64(toUnixTimestamp64Nano(start)) AS at, trace_id_low AS low, trace_id_high AS high, span_id AS id, reasons "
      "AS why, arrayJoin(" +
      findings() + ") AS f FROM llm_spans WHERE " + where + ") ORDER BY at, id LIMIT " + std::to_string(limit + 1);
  base::Result<store::Rows> rows = source.select(sql, parameters);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < std::min(rows->row_count(), limit); ++i) {
    detail.detections.push_back({.start_ns = rows->column(0).i64(i),
                                 .trace_id_low = rows->column(1).u64(i),
                                 .trace_id_high = rows->column(2).u64(i),
                                 .span_id = rows->column(3).u64(i),
                                 .kind = std::string(rows->column(4).text(i)),
                                 .severity = std::string(rows->column(5).text(i)),
                                 .text = std::string(rows->column(6).text(i)),
                                 .value = rows->column(7).f64(i),
                                 .reasons_json = std::string(rows->column(8).text(i))});
  }
  if (rows->row_count() > limit) {
    detail.warnings.push_back("more than " + std::to_string(limit) + " detections; the first are shown");
  }
  return base::ok();
}

}  // namespace godseye::query
