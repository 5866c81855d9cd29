#include <godseye/net/event_stream.h>

namespace godseye::net {

bool EventStream::send(std::string_view type, std::string_view data) {
  std::string event;
  event.reserve(type.size() + data.size() + 32);
  if (!type.empty()) event.append("event: ").append(type).append("\n");
  // Every line of the data gets its own field; a bare CR ends a line for browsers too, so it must not pass through.
  size_t begin = 0;
  while (true) {
    const size_t end = data.find_first_of("\r\n", begin);
    event.append("data: ").append(data.substr(begin, end == std::string_view::npos ? end : end - begin)).append("\n");
    if (end == std::string_view::npos) break;
    begin = end + (data.substr(end, 2) == "\r\n" ? 2 : 1);
  }
  event += '\n';

  base::MutexLock lock(mutex_);
  if (closed_) return false;
  if (pending_.size() + event.size() > pending_bytes_max_) {
    closed_ = true;
    overflowed_ = true;
  } else {
    pending_ += event;
  }
  if (wake_) wake_();
  return !overflowed_;
}

void EventStream::close() {
  base::MutexLock lock(mutex_);
  if (closed_) return;
  closed_ = true;
  if (wake_) wake_();
}

bool EventStream::closed() const {
  base::MutexLock lock(mutex_);
  return closed_;
}

bool EventStream::overflowed() const {
  base::MutexLock lock(mutex_);
  return overflowed_;
}

void EventStream::on_wake(std::function<void()> wake) {
  base::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

bool EventStream::take(std::string& out) {
  base::MutexLock lock(mutex_);
  out.clear();
  // A client that was too slow is not worth the rest: it gets the end at once.
  if (overflowed_) pending_.clear();
  out.swap(pending_);
  return !out.empty() || !closed_;
}

void EventStream::abandon() {
  base::MutexLock lock(mutex_);
  closed_ = true;
  pending_.clear();
  wake_ = nullptr;
}

}  // namespace godseye::net
