#include "frames.h"

#include <cstring>

#include <godseye/genai/stream.h>

namespace godseye::genai {

base::Status Framer::feed(std::string_view bytes, std::vector<Frame>& out) {
  if (failed_) return base::ok();
  // Views into pending_ live until now.
  if (!pending_.empty() && begin_ > base_) {
    pending_.erase(0, begin_ - base_);
    base_ = begin_;
  }
  joined_.clear();
  if (pending_.empty()) {
    base_ = bytes_;
    buffer_ = bytes;
  } else {
    pending_.append(bytes);
    buffer_ = pending_;
  }
  bytes_ += bytes.size();
  framing_ == Framing::kJsonArray ? scan_array(out) : scan_lines(out);
  if (bytes_ - begin_ > kFrameBytesMax) {
    failed_ = true;
    return base::Error{base::ErrorCode::kTooLarge,
                       "a frame of the stream is longer than " + std::to_string(kFrameBytesMax) + " bytes"};
  }
  if (pending_.empty() && begin_ < bytes_) {
    pending_ = slice(begin_, bytes_);
    base_ = begin_;
  }
  return base::ok();
}

void Framer::finish(std::vector<Frame>& out) {
  if (failed_ || begin_ == bytes_) return;
  if (!pending_.empty() && begin_ > base_) {
    pending_.erase(0, begin_ - base_);
    base_ = begin_;
  }
  buffer_ = pending_;
  if (framing_ == Framing::kSse) {
    uint64_t end = bytes_;
    if (end > line_ && at(end - 1) == '\r') --end;
    if (end > line_) sse_line(line_, end, bytes_, out);
    sse_end(bytes_, out);
  } else if (framing_ == Framing::kNdjson) {
    ndjson_line(line_, bytes_, bytes_, out);
  } else if (value_ != kNoPlace) {
    out.push_back({.data = slice(value_, bytes_), .begin = begin_, .end = bytes_, .data_begin = value_});
  }
  begin_ = bytes_;
}

void Framer::scan_lines(std::vector<Frame>& out) {
  const bool sse = framing_ == Framing::kSse;
  while (scan_ < bytes_) {
    const char* from = buffer_.data() + (scan_ - base_);
    size_t left = bytes_ - scan_;
    const auto* lf = static_cast<const char*>(std::memchr(from, '\n', left));
    if (lf != nullptr) left = static_cast<size_t>(lf - from);
    const auto* cr = sse ? static_cast<const char*>(std::memchr(from, '\r', left)) : nullptr;
    const char* end = cr != nullptr ? cr : lf;
    if (end == nullptr) {
      scan_ = bytes_;
      return;
    }
    const uint64_t to = scan_ + static_cast<uint64_t>(end - from);
    uint64_t next = to + 1;
    if (cr != nullptr) {
      // Whether a line feed belongs to it decides where the frame ends.
      if (next == bytes_) {
        scan_ = to;
        return;
      }
      if (at(next) == '\n') ++next;
    }
    const uint64_t line = line_;
    scan_ = line_ = next;
    sse ? sse_line(line, to, next, out) : ndjson_line(line, to, next, out);
  }
}

void Framer::sse_line(uint64_t from, uint64_t to, uint64_t next, std::vector<Frame>& out) {
  if (from == 0 && slice(from, to).starts_with("\xEF\xBB\xBF")) from += 3;
  if (from == to) return sse_end(next, out);
  const std::string_view line = slice(from, to);
  if (std::string_view("{} \t\"]").find(line[0]) != std::string_view::npos) {
    // No field begins so. Google ends a stream that fails with the error as plain JSON.
    data_.push_back({from, to});
    return;
  }
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  uint64_t value = colon == std::string_view::npos ? to : from + colon + 1;
  if (value < to && at(value) == ' ') ++value;
  if (name == "data") data_.push_back({value, to});
  if (name == "event") event_ = {value, to};
}

void Framer::sse_end(uint64_t next, std::vector<Frame>& out) {
  if (!data_.empty()) {
    Frame frame{.event = slice(event_.from ? event_.from : base_, event_.from ? event_.to : base_),
                .begin = begin_,
                .end = next};
    if (data_.size() == 1) {
      frame.data = slice(data_[0].from, data_[0].to);
      frame.data_begin = data_[0].from;
    } else {
      std::string& text = joined_.emplace_front();
      for (const Place& place : data_) {
        if (!text.empty()) text += '\n';
        text += slice(place.from, place.to);
      }
      frame.data = text;
      frame.data_begin = kNoPlace;
    }
    out.push_back(frame);
  }
  data_.clear();
  event_ = {};
  begin_ = next;
}

void Framer::ndjson_line(uint64_t from, uint64_t to, uint64_t next, std::vector<Frame>& out) {
  while (from < to && (at(from) == ' ' || at(from) == '\t' || at(from) == '\r')) ++from;
  while (to > from && (at(to - 1) == '\r' || at(to - 1) == ' ')) --to;
  if (from < to) out.push_back({.data = slice(from, to), .begin = begin_, .end = next, .data_begin = from});
  begin_ = next;
}

void Framer::scan_array(std::vector<Frame>& out) {
  for (; scan_ < bytes_; ++scan_) {
    const char c = at(scan_);
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (value_ == kNoPlace) {
      // Between elements; the brackets of the array itself are no value.
      if (c == '{') {
        value_ = scan_;
        depth_ = 1;
      } else if (c == ']') {
        begin_ = scan_ + 1;
      }
      continue;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && --depth_ == 0) {
      out.push_back({.data = slice(value_, scan_ + 1), .begin = begin_, .end = scan_ + 1, .data_begin = value_});
      begin_ = scan_ + 1;
      value_ = kNoPlace;
    }
  }
}

}  // namespace godseye::genai
