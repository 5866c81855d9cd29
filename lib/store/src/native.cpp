#include "native.h"

#include <algorithm>
#include <charconv>

#include <godseye/store/engine.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr size_t kColumnsMax = 4096;
constexpr int kTypeDepthMax = 4;
constexpr uint64_t kFixedStringBytesMax = 1u << 20;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size(); }
  bool take(size_t size, std::string_view& out) {
    if (size > bytes_.size()) return false;
    out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return true;
  }
  bool varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }
  bool string(std::string_view& out) {
    uint64_t size = 0;
    return varint(size) && size <= left() && take(size, out);
  }

 private:
  std::string_view bytes_;
};

Error truncated(std::string_view name) {
  return {ErrorCode::kCorrupt, "the engine's answer ends inside column " + std::string(name)};
}

template <typename Wire, typename Wide>
Result<Column::Values> numbers(Reader& in, size_t rows, std::string_view name) {
  std::string_view raw;
  if (rows > in.left() / sizeof(Wire) || !in.take(rows * sizeof(Wire), raw)) return truncated(name);
  std::vector<Wide> values(rows);
  if constexpr (std::is_same_v<Wire, Wide>) {
    if (rows > 0) std::memcpy(values.data(), raw.data(), raw.size());
  } else {
    for (size_t i = 0; i < rows; ++i) {
      Wire value;
      std::memcpy(&value, raw.data() + i * sizeof(Wire), sizeof(Wire));
      values[i] = static_cast<Wide>(value);
    }
  }
  return Column::Values(std::move(values));
}

Result<Column::Values> texts(Reader& in, size_t rows, std::string_view name) {
  if (rows > in.left()) return truncated(name);  // each has a length of at least one byte
  Column::Texts values;
  values.ends.reserve(rows);
  for (size_t i = 0; i < rows; ++i) {
    std::string_view text;
    if (!in.string(text)) return truncated(name);
    values.bytes += text;
    values.ends.push_back(values.bytes.size());
  }
  return Column::Values(std::move(values));
}

Result<Column::Values> fixed_texts(Reader& in, size_t rows, uint64_t width, std::string_view name) {
  std::string_view raw;
  if (width == 0 || width > kFixedStringBytesMax || rows > in.left() / width || !in.take(rows * width, raw)) {
    return truncated(name);
  }
  Column::Texts values;
  values.bytes = raw;
  for (size_t i = 1; i <= rows; ++i) values.ends.push_back(i * width);
  return Column::Values(std::move(values));
}

// "Array(Int16)" with outer "Array" → "Int16".
std::string_view inner(std::string_view type, std::string_view outer) {
  if (!type.starts_with(outer) || type.size() < outer.size() + 2 || type[outer.size()] != '(' || type.back() != ')') {
    return {};
  }
  return type.substr(outer.size() + 1, type.size() - outer.size() - 2);
}

Result<Column> column(Reader& in, std::string_view name, std::string_view type, size_t rows, int depth);
Result<Column::Values> values_of(Reader& in, std::string_view name, std::string_view type, size_t rows, int depth);

Result<Column::Values> arrays(Reader& in, std::string_view element_type, size_t rows, std::string_view name,
                              int depth) {
  Result<Column::Values> ends = numbers<uint64_t, uint64_t>(in, rows, name);
  if (!ends) return ends;
  Column::Arrays values{std::get<0>(*std::move(ends)), nullptr};
  if (!std::is_sorted(values.ends.begin(), values.ends.end())) return truncated(name);
  Result<Column> elements = column(in, name, element_type, values.ends.empty() ? 0 : values.ends.back(), depth + 1);
  if (!elements) return std::move(elements).error();
  values.elements = std::make_shared<Column>(*std::move(elements));
  return Column::Values(std::move(values));
}

// What each distinct value of a LowCardinality column is, repeated row by row.
Result<Column::Values> spread(const Column::Values& keys, const std::vector<uint64_t>& indexes, std::string_view name) {
  const auto gather = [&](const auto& from) {
    std::remove_cvref_t<decltype(from)> to;
    to.reserve(indexes.size());
    for (const uint64_t index : indexes) to.push_back(from[index]);
    return Column::Values(std::move(to));
  };
  if (const auto* texts = std::get_if<Column::Texts>(&keys)) {
    const auto begin_of = [&](uint64_t key) { return key == 0 ? 0 : texts->ends[key - 1]; };
    Column::Texts to;
    to.ends.reserve(indexes.size());
    for (const uint64_t index : indexes) {
      to.bytes.append(texts->bytes, begin_of(index), texts->ends[index] - begin_of(index));
      to.ends.push_back(to.bytes.size());
      if (to.bytes.size() > kAnswerBytesMax) {
        return Error(ErrorCode::kTooLarge, "the engine's answer: column " + std::string(name) + " is too large");
      }
    }
    return Column::Values(std::move(to));
  }
  if (const auto* u64s = std::get_if<std::vector<uint64_t>>(&keys)) return gather(*u64s);
  if (const auto* i64s = std::get_if<std::vector<int64_t>>(&keys)) return gather(*i64s);
  if (const auto* f64s = std::get_if<std::vector<double>>(&keys)) return gather(*f64s);
  return truncated(name);
}

constexpr uint64_t kHasKeys = 0x200;
constexpr uint64_t kNeedsSharedDictionary = 0x100;
constexpr uint64_t kLowCardinalityVersion = 1;

// LowCardinality(T): UInt64 flags (low byte: width of an index; 0x200: keys follow), UInt64 count and the distinct
// values, UInt64 rows, the indexes. With Nullable(T) index 0 is NULL. Nothing at all when there are no rows.
Result<Column> low_cardinality(Reader& in, std::string_view name, std::string_view type, std::string_view key_type,
                               size_t rows, int depth) {
  const std::string_view nullable = inner(key_type, "Nullable");
  const std::string_view plain = nullable.empty() ? key_type : nullable;
  std::vector<uint64_t> header{0, 0};
  if (rows > 0) {
    Result<Column::Values> fields = numbers<uint64_t, uint64_t>(in, 2, name);
    if (!fields) return std::move(fields).error();
    header = std::get<0>(*std::move(fields));
    if ((header[0] & kNeedsSharedDictionary) != 0 || (header[0] & kHasKeys) == 0) return truncated(name);
  }
  Result<Column::Values> keys = values_of(in, name, plain, header[1], depth + 1);
  if (!keys) return std::move(keys).error();
  std::vector<uint64_t> indexes;
  if (rows > 0) {
    Result<Column::Values> count = numbers<uint64_t, uint64_t>(in, 1, name);
    if (!count) return std::move(count).error();
    if (std::get<0>(*count)[0] != rows) return truncated(name);
    Result<Column::Values> values = Column::Values();
    switch (header[0] & 0xff) {
      case 0:
        values = numbers<uint8_t, uint64_t>(in, rows, name);
        break;
      case 1:
        values = numbers<uint16_t, uint64_t>(in, rows, name);
        break;
      case 2:
        values = numbers<uint32_t, uint64_t>(in, rows, name);
        break;
      default:
        values = numbers<uint64_t, uint64_t>(in, rows, name);
        break;
    }
    if (!values) return std::move(values).error();
    indexes = std::get<0>(*std::move(values));
  }
  std::vector<uint8_t> nulls;
  for (const uint64_t index : indexes) {
    if (index >= header[1]) return truncated(name);
    if (!nullable.empty()) nulls.push_back(index == 0 ? 1 : 0);
  }
  Result<Column::Values> values = spread(*keys, indexes, name);
  if (!values) return std::move(values).error();
  return Column(std::string(name), std::string(type), *std::move(values), std::move(nulls));
}

// Before the values of a column come the state prefixes of its type: one version word per LowCardinality.
bool read_prefix(Reader& in, std::string_view type, int depth) {
  for (const std::string_view outer : {"Array", "Nullable"}) {
    if (const std::string_view nested = inner(type, outer); !nested.empty()) {
      return depth < kTypeDepthMax && read_prefix(in, nested, depth + 1);
    }
  }
  if (inner(type, "LowCardinality").empty()) return true;
  std::string_view version;
  return in.take(sizeof(uint64_t), version) && version == std::string_view("\1\0\0\0\0\0\0\0", 8);
}

Result<Column::Values> values_of(Reader& in, std::string_view name, std::string_view type, size_t rows, int depth) {
  if (type == "UInt8" || type == "Bool") return numbers<uint8_t, uint64_t>(in, rows, name);
  if (type == "UInt16" || type == "Date") return numbers<uint16_t, uint64_t>(in, rows, name);
  if (type == "UInt32" || type == "DateTime" || type.starts_with("DateTime(")) {
    return numbers<uint32_t, uint64_t>(in, rows, name);
  }
  if (type == "UInt64") return numbers<uint64_t, uint64_t>(in, rows, name);
  if (type == "Int8") return numbers<int8_t, int64_t>(in, rows, name);
  if (type == "Int16") return numbers<int16_t, int64_t>(in, rows, name);
  if (type == "Int32" || type == "Date32") return numbers<int32_t, int64_t>(in, rows, name);
  if (type == "Int64" || type.starts_with("DateTime64(")) return numbers<int64_t, int64_t>(in, rows, name);
  if (type == "Float32") return numbers<float, double>(in, rows, name);
  if (type == "Float64") return numbers<double, double>(in, rows, name);
  if (type == "String") return texts(in, rows, name);
  if (const std::string_view width = inner(type, "FixedString"); !width.empty()) {
    uint64_t bytes = 0;
    std::from_chars(width.data(), width.data() + width.size(), bytes);
    return fixed_texts(in, rows, bytes, name);
  }
  if (const std::string_view element = inner(type, "Array"); !element.empty() && depth < kTypeDepthMax) {
    return arrays(in, element, rows, name, depth);
  }
  return Error(ErrorCode::kUnimplemented,
               "column " + std::string(name) + " has type " + std::string(type) + ": cast it in the SELECT");
}

Result<Column> column(Reader& in, std::string_view name, std::string_view type, size_t rows, int depth) {
  if (const std::string_view keys = inner(type, "LowCardinality"); !keys.empty()) {
    return low_cardinality(in, name, type, keys, rows, depth);
  }
  std::vector<uint8_t> nulls;
  std::string_view plain = type;
  if (const std::string_view nullable = inner(type, "Nullable"); !nullable.empty()) {
    std::string_view raw;
    if (!in.take(rows, raw)) return truncated(name);
    nulls.assign(raw.begin(), raw.end());
    plain = nullable;
  }
  Result<Column::Values> values = values_of(in, name, plain, rows, depth);
  if (!values) return std::move(values).error();
  return Column(std::string(name), std::string(type), *std::move(values), std::move(nulls));
}

}  // namespace

Result<Rows> decode_native(std::string_view bytes) {
  Reader in(bytes);
  std::vector<Column> columns;
  while (in.left() > 0) {
    uint64_t column_count = 0;
    uint64_t row_count = 0;
    if (!in.varint(column_count) || !in.varint(row_count) || column_count > kColumnsMax) return truncated("(header)");
    if (!columns.empty() && column_count != columns.size()) {
      return Error(ErrorCode::kCorrupt, "the engine's blocks differ in their number of columns");
    }
    const bool first = columns.empty();
    for (size_t i = 0; i < column_count; ++i) {
      std::string_view name;
      std::string_view type;
      if (!in.string(name) || !in.string(type)) return truncated("(header)");
      if (row_count > 0 && !read_prefix(in, type, 0)) return truncated(name);
      Result<Column> next = column(in, name, type, row_count, 0);
      if (!next) return std::move(next).error();
      if (first) {
        columns.push_back(*std::move(next));
      } else if (base::Status joined = columns[i].extend(*std::move(next)); !joined) {
        return std::move(joined).error();
      }
    }
  }
  return Rows(std::move(columns));
}

NativeBlock::NativeBlock(size_t columns, size_t rows) {
  varint(columns);
  varint(rows);
}

void NativeBlock::varint(uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes_ += static_cast<char>(value);
}

void NativeBlock::string(std::string_view text) {
  varint(text.size());
  bytes_ += text;
}

void NativeBlock::head(std::string_view name, std::string_view type) {
  string(name);
  string(type);
}

void NativeBlock::low_cardinality(std::string_view name, const WordTable& words, std::span<const uint32_t> numbers) {
  head(name, "LowCardinality(String)");
  if (numbers.empty()) return;
  raw(std::span(&kLowCardinalityVersion, 1));
  dictionary(words, numbers);
}

void NativeBlock::low_cardinality_arrays(std::string_view name, std::string_view type, std::span<const uint64_t> ends,
                                         const WordTable& words, std::span<const uint32_t> numbers) {
  head(name, type);
  if (ends.empty()) return;
  raw(std::span(&kLowCardinalityVersion, 1));
  raw(ends);
  if (!numbers.empty()) dictionary(words, numbers);
}

void NativeBlock::dictionary(const WordTable& words, std::span<const uint32_t> numbers) {
  const uint64_t keys = words.words().size() + 1;
  const uint64_t width = keys <= UINT8_MAX + 1u ? 0 : keys <= UINT16_MAX + 1u ? 1 : 2;
  const uint64_t fields[2] = {kHasKeys | width, keys};
  raw(std::span<const uint64_t>(fields));
  string({});
  for (const WordTable::Word& word : words.words()) string(word.text);
  const uint64_t rows = numbers.size();
  raw(std::span(&rows, 1));
  const size_t index_bytes = size_t{1} << width;
  const size_t begin = bytes_.size();
  bytes_.resize(begin + rows * index_bytes);
  char* out = bytes_.data() + begin;
  for (const uint32_t number : numbers) {
    std::memcpy(out, &number, index_bytes);  // little endian: the low bytes
    out += index_bytes;
  }
}

}  // namespace godseye::store
