#include "bucket_state.h"

#include <algorithm>

#include <godseye/base/assert.h>

namespace godseye::pipeline {

bool MemberSet::insert(uint64_t hash) {
  if (hash == 0) hash = 1;
  if (2 * (size_ + 1) > slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    if (slots_[at] == hash) return false;
    if (slots_[at] != 0) continue;
    slots_[at] = hash;
    ++size_;
    return true;
  }
}

void MemberSet::grow() {
  std::vector<uint64_t> old(slots_.empty() ? 16 : 2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (uint64_t hash : old) {
    if (hash == 0) continue;
    size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = hash;
  }
}

void MemberSet::clear() {
  if (slots_.size() > 64 && 16 * size_ < slots_.size()) {
    slots_ = std::vector<uint64_t>(slots_.size() / 4);  // one large bucket does not hold its memory for ever
  } else {
    std::fill(slots_.begin(), slots_.end(), 0);
  }
  size_ = 0;
}

bool SampleList::add(double value, uint32_t weight, double sum, bool room) {
  count_ += weight;
  sum_ += sum;
  if (room && samples_.size() < kSamplesMax) {
    samples_.push_back({value, weight});
    return true;
  }
  overflow_.insert(value, weight);
  return false;
}

SampleList::Summary SampleList::summarize() {
  GE_DCHECK(count_ > 0, "only contexts seen in the bucket are summarized");
  std::sort(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) { return a.value < b.value; });
  Summary out;
  out.count = count_;
  out.avg = sum_ / static_cast<double>(count_);
  // In sorted order every insertion lands in or after the bin of the last one, which is what insert() is fast at.
  for (const Sample& sample : samples_) out.sketch.insert(sample.value, sample.weight);
  if (!overflow_.empty()) {
    out.sketch.merge(overflow_);
    out.approximate = true;
    out.max = out.sketch.max();
    out.median = out.sketch.quantile(0.5);
    out.percentile_95 = out.sketch.quantile(0.95);
    return out;
  }
  // The Agent's integer arithmetic: the first sample whose cumulative weight passes the threshold (spec 8.3).
  const auto value_past = [this](uint64_t threshold) {
    uint64_t seen = 0;
    for (const Sample& sample : samples_) {
      seen += sample.weight;
      if (seen > threshold) return sample.value;
    }
    return samples_.back().value;
  };
  out.max = samples_.back().value;
  out.median = value_past((count_ - 1) / 2);
  out.percentile_95 = value_past((95 * count_ - 1) / 100);
  return out;
}

void SampleList::clear() {
  // A context that was busy once must not keep room for 8192 samples.
  if (samples_.capacity() > 64 && samples_.capacity() > 8 * samples_.size()) samples_.shrink_to_fit();
  samples_.clear();
  overflow_.clear();
  count_ = 0;
  sum_ = 0;
}

}  // namespace godseye::pipeline
