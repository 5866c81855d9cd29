#pragma once

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/genai/route.h>

// Cuts a stream into its JSON documents: SSE events, NDJSON lines, elements of a JSON array. Each byte is scanned once,
// however the stream is split; bytes are copied only where a frame spans two feeds.
namespace godseye::genai {

inline constexpr uint64_t kNoPlace = UINT64_MAX;

// Views die at the next feed().
struct Frame {
  std::string_view data;
  std::string_view event;  // SSE `event:`; empty: none
  uint64_t begin = 0;      // in the stream, with everything since the frame before
  uint64_t end = 0;
  uint64_t data_begin = 0;  // of data's first byte; kNoPlace when data was put together from several lines
};

class Framer {
 public:
  explicit Framer(Framing framing) : framing_(framing) {}

  // Appends the frames that `bytes` complete. kTooLarge when one is longer than kFrameBytesMax; the stream is then
  // over.
  base::Status feed(std::string_view bytes, std::vector<Frame>& out);
  // What is left, as a last frame.
  void finish(std::vector<Frame>& out);
  uint64_t bytes() const { return bytes_; }
  uint64_t settled() const { return begin_; }

 private:
  char at(uint64_t place) const { return buffer_[place - base_]; }
  std::string_view slice(uint64_t from, uint64_t to) const { return buffer_.substr(from - base_, to - from); }
  void scan_lines(std::vector<Frame>& out);
  void scan_array(std::vector<Frame>& out);
  void sse_line(uint64_t from, uint64_t to, uint64_t next, std::vector<Frame>& out);
  void sse_end(uint64_t next, std::vector<Frame>& out);
  void ndjson_line(uint64_t from, uint64_t to, uint64_t next, std::vector<Frame>& out);

  Framing framing_;
  std::string pending_;      // the frame that is not whole yet
  std::string_view buffer_;  // pending_, or the bytes of this feed
  uint64_t base_ = 0;        // place of buffer_[0]
  uint64_t bytes_ = 0;
  uint64_t begin_ = 0;  // of the frame being read
  uint64_t scan_ = 0;   // next byte to look at
  bool failed_ = false;

  // SSE: places of the line and of the frame's fields.
  uint64_t line_ = 0;
  struct Place {
    uint64_t from = 0, to = 0;
  };
  std::vector<Place> data_;
  Place event_;
  std::forward_list<std::string> joined_;

  // JSON array.
  uint32_t depth_ = 0;
  uint64_t value_ = kNoPlace;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace godseye::genai
