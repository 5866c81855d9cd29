#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <godseye/base/result.h>

// `Rows` is the answer of one SELECT: named, typed columns of equal length, in the order of the SELECT list.
//
//   Result<Rows> rows = engine.select("SELECT metric, count() AS n FROM series GROUP BY metric");
//   if (!rows) return std::move(rows).error();
//   for (size_t i = 0; i < rows->row_count(); ++i) use(rows->column(0).text(i), rows->column(1).u64(i));
//
// Types: every unsigned integer, Bool, Date (days) and DateTime (Unix seconds) reads as `u64`; every signed integer and
// DateTime64 (ticks) as `i64`; Float32 and Float64 as `f64`; String and FixedString as `text`; Array(T) through
// `items(row)` and `elements()`; Nullable(T) adds `is_null`; LowCardinality(T) reads as T. Other types are refused when
// the answer arrives: cast them in the SELECT. Reading a column through the wrong accessor aborts: the caller wrote the
// SELECT and knows its types.
//
// Immutable after construction: read from any thread. Views die with the Rows.
namespace godseye::store {

class Column {
 public:
  struct Texts {
    std::string bytes;
    std::vector<uint64_t> ends;  // of row i: bytes [ends[i-1], ends[i])
  };
  struct Arrays {
    std::vector<uint64_t> ends;  // of row i: elements [ends[i-1], ends[i])
    std::shared_ptr<Column> elements;
  };
  struct Range {
    size_t begin = 0;
    size_t end = 0;
    size_t size() const { return end - begin; }
  };
  using Values = std::variant<std::vector<uint64_t>, std::vector<int64_t>, std::vector<double>, Texts, Arrays>;

  Column(std::string name, std::string type, Values values, std::vector<uint8_t> nulls = {});

  const std::string& name() const { return name_; }
  // As ClickHouse names it, "Array(Int16)".
  const std::string& type() const { return type_; }
  size_t size() const;

  uint64_t u64(size_t row) const { return std::get<0>(values_)[row]; }
  int64_t i64(size_t row) const { return std::get<1>(values_)[row]; }
  double f64(size_t row) const { return std::get<2>(values_)[row]; }
  // Any number as double; aborts on text and arrays.
  double number(size_t row) const;
  std::string_view text(size_t row) const;
  bool is_null(size_t row) const { return !nulls_.empty() && nulls_[row] != 0; }
  // Array columns: the rows of `elements()` that belong to `row`.
  Range items(size_t row) const;
  const Column& elements() const { return *std::get<4>(values_).elements; }

  // Whole columns, for loops that matter.
  std::span<const uint64_t> u64s() const { return std::get<0>(values_); }
  std::span<const int64_t> i64s() const { return std::get<1>(values_); }
  std::span<const double> f64s() const { return std::get<2>(values_); }

  // Appends the rows of `more`, which has the same type (else kCorrupt).
  base::Status extend(Column&& more);

 private:
  std::string name_;
  std::string type_;
  Values values_;
  std::vector<uint8_t> nulls_;  // empty unless Nullable
};

class Rows {
 public:
  Rows() = default;
  explicit Rows(std::vector<Column> columns) : columns_(std::move(columns)) {}

  size_t row_count() const { return columns_.empty() ? 0 : columns_.front().size(); }
  size_t column_count() const { return columns_.size(); }
  const Column& column(size_t index) const { return columns_[index]; }
  // Null when there is no such column. Note: an answer without any row may come without columns.
  const Column* find(std::string_view name) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace godseye::store
