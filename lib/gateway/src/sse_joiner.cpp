#include "sse_joiner.h"

#include <algorithm>

namespace godseye::gateway {

namespace {

std::string_view without_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view data_of(std::string_view line) {
  line.remove_prefix(5);
  if (line.starts_with(' ')) line.remove_prefix(1);
  return without_end(line);
}

bool is_data(std::string_view line) { return line.starts_with("data:"); }

}  // namespace

void SseJoiner::feed(std::string_view bytes, std::string& out) {
  event_.append(bytes);
  size_t line = lines_.empty() ? 0 : lines_.back();
  if (lines_.empty()) lines_.push_back(0);
  while (true) {
    const size_t end = event_.find_first_of("\r\n", std::max(searched_, line));
    if (end == std::string::npos) break;
    size_t next = end + 1;
    if (event_[end] == '\r') {
      if (next == event_.size()) break;  // whether a line feed belongs to it is not known yet
      if (event_[next] == '\n') ++next;
    }
    if (end > line) {
      lines_.push_back(line = next);
      searched_ = next;
      continue;
    }
    // An empty line: the event is whole.
    const std::string rest = event_.substr(next);
    event_.resize(next);
    end_event(out);
    event_ = rest;
    lines_.assign(1, 0);
    line = 0;
    searched_ = 0;
  }
  searched_ = event_.ends_with('\r') ? event_.size() - 1 : event_.size();
  if (event_.size() > kEventBytesMax) finish(out);
}

void SseJoiner::end_event(std::string& out) {
  const auto line_at = [this](size_t i) {
    const size_t end = i + 1 < lines_.size() ? lines_[i + 1] : event_.size();
    return std::string_view(event_).substr(lines_[i], end - lines_[i]);
  };
  std::string data;
  size_t count = 0;
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (!is_data(line_at(i))) continue;
    if (count++ > 0) data += ' ';  // between two values of JSON any blank is as good as a line end
    data += data_of(line_at(i));
  }
  if (count < 2 || !(data.starts_with('{') || data.starts_with('['))) {
    out += event_;
    return;
  }
  bool written = false;
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (!is_data(line_at(i))) {
      out += line_at(i);
    } else if (!written) {
      out.append("data: ").append(data).append("\n");
      written = true;
    }
  }
}

void SseJoiner::finish(std::string& out) {
  out += event_;
  event_.clear();
  lines_.clear();
  searched_ = 0;
}

}  // namespace godseye::gateway
