#pragma once

#include "cursor.h"

#include <span>
#include <string>
#include <string_view>

#include <godseye/lang/metric_query.h>

namespace godseye::lang {

// Reads expressions; grammar in expression_parser.cpp. `formula` says whether bare names are references to `names`
// (formulas) or metrics (queries).
class ExpressionParser {
 public:
  ExpressionParser(Cursor& cursor, bool formula, std::span<const std::string> names = {})
      : cursor_(cursor), formula_(formula), names_(names) {}

  bool parse(Expression& out);  // `expr`; false on failure, which is in the cursor

 private:
  bool parse_term(Expression& out);
  bool parse_factor(Expression& out);
  bool parse_named(Expression& out);
  bool parse_call(std::string_view name, Expression& out);
  bool parse_argument(std::string_view function, char kind, Expression& out);
  bool parse_keyword_arguments(Expression& call);
  bool parse_reference(std::string_view name, Expression& out);
  bool parse_series(std::string_view aggregator, uint32_t aggregator_column, std::string_view metric, SeriesQuery& out);
  bool parse_count_if(Expression& out);
  bool parse_series_rest(std::string_view metric, SeriesQuery& out);
  bool parse_group_keys(SeriesQuery& series);
  bool parse_modifiers(SeriesQuery& series);
  bool parse_modifier(SeriesQuery& series);
  bool parse_rollup(SeriesQuery& series);
  bool expect_rollup_end(const Rollup& rollup);
  bool parse_fill(SeriesQuery& series);
  bool fail_unknown_function(uint32_t column, std::string_view name);
  void fold(BinaryOperator op, Expression& left, Expression right);

  Cursor& cursor_;
  bool formula_;
  std::span<const std::string> names_;
};

// `avg`, `p99.9` → aggregator; false if it is none (nothing is reported).
bool read_aggregator(std::string_view word, SpaceAggregator& aggregator, double& percentile);

}  // namespace godseye::lang
