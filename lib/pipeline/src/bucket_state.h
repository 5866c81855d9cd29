#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <godseye/signal/sketch.h>

// What one context gathers during one bucket, for the types that need more than a number. Cleared at each cut; memory
// is kept for the next bucket and goes with the context.
namespace godseye::pipeline {

// Distinct strings by 64-bit hash: two members of a million collide with a chance of 3e-8.
class MemberSet {
 public:
  // True if `hash` was not in the set.
  bool insert(uint64_t hash);
  size_t size() const { return size_; }
  void clear();

 private:
  void grow();
  std::vector<uint64_t> slots_;  // 0: empty
  size_t size_ = 0;
};

// The first samples of a bucket exactly, the rest in a sketch.
class SampleList {
 public:
  static constexpr size_t kSamplesMax = 8192;

  // `weight` is floor(1/rate), `sum` is value/rate. `room`: the common limit leaves space for one more. True if the
  // sample itself was kept, so that it counts against that limit.
  bool add(double value, uint32_t weight, double sum, bool room);

  struct Summary {
    double max = 0;
    double median = 0;
    double avg = 0;
    double percentile_95 = 0;
    uint64_t count = 0;  // sum of weights
    bool approximate = false;
    signal::Sketch sketch;
  };
  // Of everything added since clear(); at least one sample. Sorts what it holds.
  Summary summarize();
  size_t kept() const { return samples_.size(); }
  void clear();

 private:
  struct Sample {
    double value;
    uint32_t weight;
  };
  std::vector<Sample> samples_;
  signal::Sketch overflow_;
  uint64_t count_ = 0;
  double sum_ = 0;
};

struct TimedSample {
  int64_t time_s = 0;
  double value = 0;
};

}  // namespace godseye::pipeline
