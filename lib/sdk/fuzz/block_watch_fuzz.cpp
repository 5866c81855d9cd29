#include "block_watch.h"

#include <cstdint>
#include <string_view>

// A hostile server's stream, in pieces: nothing crashes, and the list stays below its bound.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  sdk::BlockWatch watch({.wall = [] { return base::WallTime(std::chrono::seconds(1000)); }, .tick = {}});
  watch.begin();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (size_t piece = 1; !rest.empty(); piece = piece * 3 % 17 + 1) {
    watch.feed(rest.substr(0, piece));
    rest.remove_prefix(std::min(piece, rest.size()));
  }
  watch.end();
  watch.blocked("session", "s");
  return 0;
}
