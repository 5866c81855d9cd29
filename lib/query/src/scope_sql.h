#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/lang/metric_query.h>

// Scopes as SQL. Text from outside becomes a parameter, never part of the statement.
namespace godseye::query {

// Collects `{pN:Type}` parameters of one statement.
class SqlParameters {
 public:
  // Returns the placeholder.
  std::string text(std::string value);
  std::string texts(const std::vector<std::string>& values);  // Array(String)
  std::vector<std::pair<std::string, std::string>> take() { return std::move(values_); }

 private:
  std::string add(std::string value, std::string_view type);
  std::vector<std::pair<std::string, std::string>> values_;
};

// The condition splits in two, joined by AND: `series` over the columns of table series, `points` over those of points
// and sketches. Empty: no condition.
struct ScopeSql {
  std::string series;
  std::string points;
};

// `series_rows` is what selects the metric's rows of table series, `table WHERE condition`; it is repeated in
// subqueries where a tag and an attribution key meet under OR or NOT. Attribution keys marked in `attribution_in_tags`
// are looked up among the series' tags as well (installations that keep them there).
ScopeSql scope_sql(const lang::Scope& scope, std::string_view series_rows, const std::vector<bool>& attribution_in_tags,
                   SqlParameters& parameters);

// `web-*` → `web-%`, with the other pattern characters of LIKE escaped.
std::string like_pattern(std::string_view glob);

}  // namespace godseye::query
