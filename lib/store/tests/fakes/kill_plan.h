#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What kill_test and the process it kills must agree on.
namespace godseye::store::testing {

// How many points batch `number` has: mostly a handful, now and then enough for a long write.
inline size_t points_of(uint64_t number) { return number % 50 == 7 ? 20'000 : 4 + number % 5; }

// Likewise for the spans of batch `number`.
inline size_t spans_of(uint64_t number) { return number % 50 == 9 ? 5'000 : 1 + number % 5; }

// Every life of the writer inserts under other thread counts and block sizes.
inline std::vector<std::pair<std::string, std::string>> replay_settings(uint64_t seed) {
  switch (seed % 3) {
    case 0:
      return {};
    case 1:
      return {{"max_threads", "4"},
              {"max_insert_threads", "4"},
              {"max_insert_block_size", "7"},
              {"min_insert_block_size_rows", "3"},
              {"min_insert_block_size_bytes", "100"}};
    default:
      return {{"max_threads", "2"}, {"max_block_size", "1000"}, {"max_insert_block_size", "1000"}};
  }
}

}  // namespace godseye::store::testing
