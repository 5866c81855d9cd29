#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Server-sent events with each event's JSON on one line. An event may spread its data over several `data:` lines; then
// a text in it has no one place in the bytes where it could be replaced. Such events are written anew, all others pass
// byte by byte. Of one stream; holds one event at most (kEventBytesMax, what is longer passes as it is).
namespace godseye::gateway {

class SseJoiner {
 public:
  static constexpr size_t kEventBytesMax = 16u << 20;

  // Appends what is whole to `out`.
  void feed(std::string_view bytes, std::string& out);
  // What is left, as it came.
  void finish(std::string& out);

 private:
  void end_event(std::string& out);

  std::string event_;          // bytes of the event so far
  std::vector<size_t> lines_;  // where its lines begin
  size_t searched_ = 0;
};

}  // namespace godseye::gateway
