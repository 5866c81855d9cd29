#include "by_series.h"

#include <algorithm>
#include <unordered_map>

namespace godseye::query {
namespace {

// Which groups each series is in.
class Memberships {
 public:
  Memberships(const store::Rows& rows, size_t keys) {
    std::vector<std::pair<std::vector<std::string>, uint64_t>> all(rows.row_count());
    for (size_t i = 0; i < all.size(); ++i) {
      all[i].first.resize(keys);
      for (size_t k = 0; k < keys; ++k) all[i].first[k] = rows.column(k).text(i);
      all[i].second = rows.column(keys).u64(i);
    }
    std::sort(all.begin(), all.end());
    std::vector<std::pair<uint64_t, uint32_t>> members(all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      if (groups_.empty() || groups_.back() != all[i].first) groups_.push_back(std::move(all[i].first));
      members[i] = {all[i].second, static_cast<uint32_t>(groups_.size() - 1)};
    }
    std::sort(members.begin(), members.end());
    numbers_.reserve(members.size());
    for (const auto& [series, group] : members) {
      numbers_.push_back(group);
      Span& span = spans_.try_emplace(series, Span{.begin = numbers_.size() - 1, .size = 0}).first->second;
      ++span.size;
    }
  }

  // Distinct, in the order of their values.
  const std::vector<std::vector<std::string>>& groups() const { return groups_; }
  // Numbers of the groups of `series`.
  std::span<const uint32_t> of(uint64_t series) const {
    const auto found = spans_.find(series);
    if (found == spans_.end()) return {};
    return std::span(numbers_).subspan(found->second.begin, found->second.size);
  }

 private:
  struct Span {
    size_t begin = 0;
    size_t size = 0;
  };
  std::vector<std::vector<std::string>> groups_;
  std::vector<uint32_t> numbers_;
  std::unordered_map<uint64_t, Span> spans_;
};

}  // namespace

bool add_by_series(const store::Rows& groups, const store::Rows& values, size_t keys, Method space,
                   const Buckets& buckets, uint64_t cells_max, GroupTable& table) {
  if (values.row_count() == 0) return true;
  const Memberships memberships(groups, keys);
  const size_t count = buckets.count;
  if (memberships.groups().size() > cells_max / std::max<size_t>(1, count)) return false;
  std::vector<double> cells(memberships.groups().size() * count, kMissing);
  std::vector<double> counts(cells.size());
  const auto series = values.column(0).u64s();
  const auto times = values.column(1).u64s();
  const auto numbers = values.column(2).f64s();
  uint64_t last = series[0];
  std::span<const uint32_t> in = memberships.of(last);
  for (size_t i = 0; i < series.size(); ++i) {
    if (series[i] != last) {
      last = series[i];
      in = memberships.of(last);
    }
    const auto time_s = static_cast<int64_t>(times[i]);
    if (time_s < buckets.start_s || time_s >= buckets.end_s()) continue;
    const size_t bucket = buckets.holding(time_s);
    for (const uint32_t group : in) {
      accumulate(cells[group * count + bucket], space, numbers[i]);
      counts[group * count + bucket] += 1;
    }
  }
  for (size_t group = 0; group < memberships.groups().size(); ++group) {
    table.add(memberships.groups()[group], std::span(cells).subspan(group * count, count),
              std::span(counts).subspan(group * count, count));
  }
  return true;
}

}  // namespace godseye::query
