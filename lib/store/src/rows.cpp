#include <algorithm>
#include <iterator>

#include <godseye/base/assert.h>
#include <godseye/store/rows.h>

namespace godseye::store {

Column::Column(std::string name, std::string type, Values values, std::vector<uint8_t> nulls)
    : name_(std::move(name)), type_(std::move(type)), values_(std::move(values)), nulls_(std::move(nulls)) {}

size_t Column::size() const {
  struct Size {
    size_t operator()(const std::vector<uint64_t>& v) const { return v.size(); }
    size_t operator()(const std::vector<int64_t>& v) const { return v.size(); }
    size_t operator()(const std::vector<double>& v) const { return v.size(); }
    size_t operator()(const Texts& v) const { return v.ends.size(); }
    size_t operator()(const Arrays& v) const { return v.ends.size(); }
  };
  return std::visit(Size{}, values_);
}

double Column::number(size_t row) const {
  switch (values_.index()) {
    case 0:
      return static_cast<double>(std::get<0>(values_)[row]);
    case 1:
      return static_cast<double>(std::get<1>(values_)[row]);
    default:
      return std::get<2>(values_)[row];
  }
}

std::string_view Column::text(size_t row) const {
  const Texts& texts = std::get<3>(values_);
  const uint64_t begin = row == 0 ? 0 : texts.ends[row - 1];
  return std::string_view(texts.bytes).substr(begin, texts.ends[row] - begin);
}

Column::Range Column::items(size_t row) const {
  const Arrays& arrays = std::get<4>(values_);
  return {row == 0 ? 0 : arrays.ends[row - 1], arrays.ends[row]};
}

namespace {

template <typename T>
void append_all(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_ends(std::vector<uint64_t>& to, const std::vector<uint64_t>& from) {
  const uint64_t base = to.empty() ? 0 : to.back();
  std::transform(from.begin(), from.end(), std::back_inserter(to), [base](uint64_t end) { return base + end; });
}

}  // namespace

base::Status Column::extend(Column&& more) {
  if (type_ != more.type_ || values_.index() != more.values_.index()) {
    return base::Error(base::ErrorCode::kCorrupt,
                       "column " + name_ + " changes its type from " + type_ + " to " + more.type_);
  }
  append_all(nulls_, more.nulls_);
  switch (values_.index()) {
    case 0:
      append_all(std::get<0>(values_), std::get<0>(more.values_));
      break;
    case 1:
      append_all(std::get<1>(values_), std::get<1>(more.values_));
      break;
    case 2:
      append_all(std::get<2>(values_), std::get<2>(more.values_));
      break;
    case 3:
      std::get<3>(values_).bytes += std::get<3>(more.values_).bytes;
      append_ends(std::get<3>(values_).ends, std::get<3>(more.values_).ends);
      break;
    default:
      append_ends(std::get<4>(values_).ends, std::get<4>(more.values_).ends);
      return std::get<4>(values_).elements->extend(std::move(*std::get<4>(more.values_).elements));
  }
  return base::ok();
}

const Column* Rows::find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name() == name; });
  return found == columns_.end() ? nullptr : &*found;
}

}  // namespace godseye::store
