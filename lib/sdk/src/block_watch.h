#pragma once

#include <atomic>
#include <map>
#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/sdk/block_list.h>

namespace godseye::sdk {

// The list itself, and the reader of the stream that keeps it. Reading: one thread; asking: any.
class BlockWatch {
 public:
  static constexpr size_t kBlocksMax = 200'000;
  static constexpr size_t kEventBytesMax = 64 << 20;

  explicit BlockWatch(base::Clock clock) : clock_(std::move(clock)) {}

  bool blocked(std::string_view kind, std::string_view value) const;
  BlockListStats stats() const;

  // A connection begins, bytes of its stream come, it ends.
  void begin();
  void feed(std::string_view bytes);
  void end();

 private:
  void line(std::string_view text);
  void dispatch();
  void apply(std::string_view event, std::string_view data);

  const base::Clock clock_;
  std::string partial_;  // a line that is not complete yet
  std::string event_;
  std::string data_;
  std::atomic<bool> connected_{false};
  std::atomic<uint64_t> connects_{0};
  mutable base::Mutex mutex_;
  std::map<std::string, int64_t, std::less<>> until_
      GE_GUARDED_BY(mutex_);  // "session\nid" → Unix seconds; 0: for ever
  uint64_t version_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::sdk
