#pragma once

#include "buckets.h"

#include <cstdint>
#include <string_view>
#include <vector>

// diff and its like: functions of a value and the one before it in time. Of a series query they look at each series
// before space aggregation (spec queries.md 1.2), so that a counter that begins again at zero does not show as a fall
// of the whole group; of anything else at lines. Pure.
namespace godseye::query {

enum class Difference : uint8_t { kNone, kDiff, kMonotonicDiff, kDerivative, kPerSecond, kPerMinute, kPerHour };

// kNone: `function` is none of them.
Difference difference_of(std::string_view function);

// The first value has no predecessor and goes; gaps stay. `values` has one per bucket.
void take_differences(Difference difference, const Buckets& buckets, std::vector<double>& values);

}  // namespace godseye::query
