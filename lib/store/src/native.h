#pragma once

#include "word_table.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/store/rows.h>

// ClickHouse's Native format without block information (what its HTTP interface speaks): blocks of columns, little
// endian.
//   block:  varint columns, varint rows, then per column: string name, string type, the values one after another
//   string: varint length, bytes; array: rows × UInt64 ends, then all elements; nullable: rows × UInt8, then values;
//   LowCardinality: see low_cardinality() in native.cpp
// Pure functions.
namespace godseye::store {

static_assert(std::endian::native == std::endian::little, "values are copied as they are in memory");

// All blocks of `bytes` joined. kCorrupt: truncated or inconsistent; kUnimplemented: a type that Rows does not read,
// named with its column (cast it in the SELECT). Memory is bounded by a small multiple of `bytes`.
base::Result<Rows> decode_native(std::string_view bytes);

// Builds one block column by column. Every column must have `rows` values; the caller's to guarantee.
class NativeBlock {
 public:
  NativeBlock(size_t columns, size_t rows);

  template <typename T>
  void numbers(std::string_view name, std::string_view type, std::span<const T> values) {
    head(name, type);
    raw(values);
  }
  // `text(row)` for each row in order.
  template <typename Text>
  void texts(std::string_view name, size_t rows, Text text) {
    head(name, "String");
    for (size_t row = 0; row < rows; ++row) string(text(row));
  }
  // `ends[row]`: how many elements the rows up to and including `row` have.
  template <typename T>
  void arrays(std::string_view name, std::string_view type, std::span<const uint64_t> ends, std::span<const T> values) {
    head(name, type);
    raw(ends);
    raw(values);
  }
  void head(std::string_view name, std::string_view type);
  // LowCardinality(String): `numbers[row]` names a word of `words`, 0 the empty text.
  void low_cardinality(std::string_view name, const WordTable& words, std::span<const uint32_t> numbers);
  // Array(LowCardinality(String)) and the keys of Map(LowCardinality(String), …), whose values follow by `string` or
  // `raw`: `ends` as in `arrays`, `numbers` of all elements.
  void low_cardinality_arrays(std::string_view name, std::string_view type, std::span<const uint64_t> ends,
                              const WordTable& words, std::span<const uint32_t> numbers);
  void string(std::string_view text);
  template <typename T>
  void raw(std::span<const T> values) {
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  }
  std::string take() { return std::move(bytes_); }

 private:
  void varint(uint64_t value);
  void dictionary(const WordTable& words, std::span<const uint32_t> numbers);
  std::string bytes_;
};

}  // namespace godseye::store
