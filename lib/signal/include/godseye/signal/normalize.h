#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/signal/metric.h>

// Metric names and tags as they are stored, whatever way they came in (spec dogstatsd.md 7). Every intake and the query
// language use these functions, so that what was written is found again. All are pure, thread-safe, never fail on any
// bytes, and idempotent: normalising twice is normalising once. What is already normal is found so in one pass and
// returned as it is, without a copy. "Characters" are Unicode code points; a byte that is not UTF-8 is one illegal one.
namespace godseye::signal {

inline constexpr size_t kMetricNameCharsMax = 200;
inline constexpr size_t kTagCharsMax = 200;
// More tags than this on one point and the intake drops the point and counts it: cutting some off would silently make
// another series.
inline constexpr size_t kTagsPerPointMax = 256;

// Letters, digits and `.` stay, case too; anything else becomes one `_`, never two in a row, none after or before a
// `.`, none at the end; starts with a letter; cut at 200. Returns `name` itself when it is normal, else a view of
// `buffer` (overwritten); empty when nothing is left.
std::string_view normalize_metric_name(std::string_view name, std::string& buffer);

// Lower case; Unicode letters and digits and `- : . /` stay, each run of anything else becomes one `_`; starts with a
// letter (what precedes it is dropped); no `_` or `:` at the end; cut at 200. Return value as above.
std::string_view normalize_tag(std::string_view tag, std::string& buffer);

// Each tag normalised, empty ones dropped, sorted, duplicates dropped: the form that series_id() needs.
void normalize_tags(std::vector<std::string>& tags);

// The key is before the first `:`; a bare word is a key with an empty value.
struct TagParts {
  std::string_view key;
  std::string_view value;
};
TagParts split_tag(std::string_view tag);

// Which keys are attribution (the setting attribution-tags); the others stay ordinary tags.
class AttributionKeys {
 public:
  // All four.
  AttributionKeys() = default;
  // "session_id,user_id"; "" or "none": no attribution at all. Error names the unknown word and the known ones.
  static base::Result<AttributionKeys> parse(std::string_view comma_list);

  bool has(AttributionKey key) const { return (mask_ >> static_cast<unsigned>(key) & 1) != 0; }
  // The attribution key that `tag` is of; kNone when it is an ordinary tag.
  static constexpr size_t kNone = kAttributionKeyCount;
  size_t index_of(std::string_view tag) const;

 private:
  uint8_t mask_ = (1u << kAttributionKeyCount) - 1;
};

// Moves the attribution out of `tags` (normalised; sorted stays sorted). Of several values of one key the first one in
// `tags` is kept, the others are dropped: a point belongs to one session. True if anything was moved.
bool split_attribution(std::vector<std::string>& tags, AttributionKeys keys, Attribution& attribution);

// Other names under which a metric is accepted on input and in queries.
struct MetricAlias {
  std::string_view alias;
  std::string_view tag;  // the alias holds only with this tag, which goes away; empty: always
  std::string_view metric;
};
std::span<const MetricAlias> metric_aliases();

// Replaces an alias by the metric it stands for. `metric` and `tags` are normalised. True if replaced.
bool apply_alias(std::string& metric, std::vector<std::string>& tags);

}  // namespace godseye::signal
