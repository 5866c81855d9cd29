#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Datadog's metric query language: text ⇄ syntax tree, pure functions without state.
//
//   sum:req{env:prod AND az IN (a,b)} by {service}.as_count().rollup(sum, 60) / 2, top(avg:m{*} by {host}, 5, 'max',
//   'desc')
//
// `parse_metric_query` reads a comma-separated list of expressions, `parse_formula` one expression over named queries
// (`a / b * 100`). The tree knows nothing of series or storage: whether a metric exists or a function can be evaluated
// is the business of `query`. Trees are plain values: copy and move freely.
//
// Errors are kInvalidArgument with one sentence: `column 14: expected '}' or ',' but found 'by'`. Columns count bytes
// from 1; `error_column` reads the number back. Everything is bounded by the constants below; passing one is such an
// error (kTooLarge), never deep recursion or large memory.
namespace godseye::lang {

inline constexpr size_t kQueryBytesMax = 16 * 1024;
inline constexpr size_t kQueryDepthMax = 48;             // parentheses, calls and unary minus, nested
inline constexpr size_t kQueryNodesMax = 1000;           // nodes of a whole query, scope nodes included
inline constexpr size_t kQueryExpressionsMax = 32;       // comma-separated
inline constexpr size_t kGroupKeysMax = 16;              // keys in one `by {…}`
inline constexpr size_t kScopeValuesMax = 500;           // values in one `IN (…)`
inline constexpr uint32_t kRollupSecondsMax = 31622400;  // 366 days
inline constexpr uint32_t kFillLimitDefaultS = 300;
inline constexpr uint32_t kFillLimitMaxS = 600;

// Where in the text a node begins, for errors found after parsing. Two trees that differ only in it are equal.
struct Column {
  uint32_t value = 0;
  friend bool operator==(Column, Column) { return true; }
};

// The filter between braces. `key:value` and bare words are kTag; a `*` in `value` stands for any run of characters.
// Symbolic (`a:b,!c:d`) and functional (`a:b AND NOT c:d`) forms give the same tree. Normal form: children of kAnd and
// kOr are at least two and never of their parent's kind; kEverything is never a child of kAnd.
struct Scope {
  enum class Kind : uint8_t { kEverything, kTag, kIn, kNot, kAnd, kOr };
  Kind kind = Kind::kEverything;
  std::string key;                  // kTag, kIn; empty for a bare word
  std::string value;                // kTag
  std::vector<std::string> values;  // kIn; each may hold wildcards
  std::vector<Scope> children;      // kNot: one; kAnd, kOr: two and more
  Column column;
};
bool operator==(const Scope& a, const Scope& b);

// kCountIf is `count(v: v > 5)`: how many values satisfy the comparison.
enum class SpaceAggregator : uint8_t { kAvg, kSum, kMin, kMax, kCount, kPercentile, kStddev, kCountIf };
enum class Comparator : uint8_t { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
enum class RollupMethod : uint8_t { kAvg, kSum, kMin, kMax, kCount };
enum class FillMethod : uint8_t { kLinear, kLast, kZero, kNull };
enum class CountMode : uint8_t { kNone, kAsCount, kAsRate };

// Buckets of whole days, weeks, months or years on the clock of a time zone: `.rollup(sum, weekly, monday,
// 'Europe/Paris')`. Whether the zone exists is for `query` to say.
enum class CalendarUnit : uint8_t { kDay, kWeek, kMonth, kYear };
struct CalendarRollup {
  CalendarUnit unit = CalendarUnit::kDay;
  // Where one begins. kDay: the hour, 0..23 (`12am` … `11pm`). kWeek: the day, Sunday is 0. kMonth: the day, 1..31, the
  // last where a month is shorter (`1st` … `31st`). kYear: the month, 1..12.
  uint32_t begins = 0;
  std::string zone = "UTC";
  Column column;  // of the zone, where one is written, else of the unit
  bool operator==(const CalendarRollup&) const = default;
};
// Midnight, Monday, the first, January.
uint32_t calendar_begins_default(CalendarUnit unit);

struct Rollup {
  std::optional<RollupMethod> method;           // none: the default of the metric's type
  uint32_t seconds = 0;                         // 0: the interval of the query
  std::optional<CalendarRollup> calendar = {};  // then `seconds` is 0
  bool operator==(const Rollup&) const = default;
};

struct Fill {
  FillMethod method = FillMethod::kLinear;
  uint32_t limit_s = kFillLimitDefaultS;
  bool operator==(const Fill&) const = default;
};

// `p99.9:metric{scope} by {keys}.as_count().rollup(…).fill(…).weighted()`
struct SeriesQuery {
  SpaceAggregator aggregator = SpaceAggregator::kAvg;
  double percentile = 0;                         // 0..100, kPercentile only
  Comparator comparator = Comparator::kGreater;  // kCountIf only
  double threshold = 0;                          // kCountIf only
  std::string metric;
  Scope scope;
  std::vector<std::string> group_by;  // in the order written, unique
  CountMode count_mode = CountMode::kNone;
  std::optional<Rollup> rollup;
  std::optional<Fill> fill;
  bool weighted = false;  // a series counts for the part of a bucket in which it was sent
  Column column;
  bool operator==(const SeriesQuery&) const = default;
};

enum class BinaryOperator : char { kAdd = '+', kSubtract = '-', kMultiply = '*', kDivide = '/', kModulo = '%' };

// One node of the tree. Calls are checked against find_function(): number and kinds of arguments fit its signature.
struct Expression {
  enum class Kind : uint8_t { kNumber, kSeries, kReference, kNegate, kBinary, kCall, kString };
  Kind kind = Kind::kNumber;
  double number = 0;                  // kNumber
  std::optional<SeriesQuery> series;  // kSeries
  std::string name;                   // kReference: a query named elsewhere; kCall: the function; kString: the text
  std::string keyword;                // of a keyword argument of a call (`direction='both'`), else empty
  BinaryOperator op = BinaryOperator::kAdd;  // kBinary
  std::vector<Expression> children;          // kNegate: one, never a number; kBinary: left, right; kCall: its arguments
  Column column;
};
bool operator==(const Expression& a, const Expression& b);

struct MetricQuery {
  std::vector<Expression> expressions;
};

// A function of the language. `parameters` has one letter each: q an expression, n a number, s a string; those after
// `?` may be left out; a closing `k` admits keyword arguments. Example: top is "qnss", anomalies "qs?nk".
struct FunctionSignature {
  std::string_view name;
  std::string_view parameters;
};
// Null if the language has no such function. The result is static.
const FunctionSignature* find_function(std::string_view name);

base::Result<MetricQuery> parse_metric_query(std::string_view text);
// `names` are the queries a reference may name.
base::Result<Expression> parse_formula(std::string_view text, std::span<const std::string> names);
// What stands between the braces of a query, alone: `env:prod AND NOT host:a`.
base::Result<Scope> parse_scope(std::string_view text);

// Canonical text: parse(to_text(x)) == x.
std::string to_text(const MetricQuery& query);
std::string to_text(const Expression& expression);
std::string to_text(const SeriesQuery& series);
std::string to_text(const Scope& scope);              // without braces
std::string to_text(const CalendarRollup& calendar);  // `weekly, tuesday, 'Europe/Paris'`; defaults are left out

// "avg", "p99.9", "count(v: v > 5)"; "sum"; ">=": as written in queries.
std::string aggregator_text(const SeriesQuery& series);
std::string_view rollup_method_name(RollupMethod method);
std::string_view comparator_text(Comparator comparator);
// `value` op `threshold`. False for NaN, whatever the comparator.
bool compare(double value, Comparator comparator, double threshold);

// `value` against `pattern`, in which `*` is any run of bytes. Linear in time for one star, at worst product of
// lengths.
bool glob_matches(std::string_view pattern, std::string_view value);

// The column a parse error names, or nothing.
std::optional<uint32_t> error_column(std::string_view message);

}  // namespace godseye::lang
