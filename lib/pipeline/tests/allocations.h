#pragma once

#include <atomic>
#include <cstddef>

namespace godseye::pipeline {

// Every `operator new` of this test program so far (aggregator_limits_test.cpp replaces it).
extern std::atomic<size_t> allocations;

}  // namespace godseye::pipeline
