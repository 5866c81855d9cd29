#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <godseye/base/mutex.h>

// `EventStream` is the open end of one server-sent-events answer: a handler puts one into its HttpResponse, keeps a
// shared pointer, and any thread sends events for as long as the client stays.
//
// Memory is bounded: events that the client has not taken yet are kept up to `pending_bytes_max`; one event more and
// the stream is closed (`overflowed()`), since a live view that lags minutes behind helps nobody and the browser
// reconnects by itself. The server counts such clients. A comment line every 15 s keeps proxies from closing it.
// Threads: every function from any thread; none blocks on the network.
namespace godseye::net {

class EventStream {
 public:
  static constexpr size_t kPendingBytesMaxDefault = 1 << 20;

  explicit EventStream(size_t pending_bytes_max = kPendingBytesMaxDefault) : pending_bytes_max_(pending_bytes_max) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Queue one event. `type` is a word without line breaks (empty: the default "message"); `data` may hold line breaks.
  // False when the stream is closed, which is how the sender learns that the client is gone: forget the pointer then.
  bool send(std::string_view type, std::string_view data) GE_EXCLUDES(mutex_);
  // End the answer after what is queued has been written. Further sends return false.
  void close() GE_EXCLUDES(mutex_);
  bool closed() const GE_EXCLUDES(mutex_);
  // Closed because the client was too slow.
  bool overflowed() const GE_EXCLUDES(mutex_);

  // For the server: `wake` is called from the sender's thread when there is something to take or the stream was closed.
  // The stream's lock is held, so that no call of it outlives abandon(): it must not block nor call this object.
  void on_wake(std::function<void()> wake) GE_EXCLUDES(mutex_);
  // For the server: moves everything queued, in wire format, into `out` (replacing it). False when nothing was queued
  // and the stream is closed, that is: the answer is complete.
  bool take(std::string& out) GE_EXCLUDES(mutex_);
  // For the server: the client is gone.
  void abandon() GE_EXCLUDES(mutex_);

 private:
  const size_t pending_bytes_max_;
  mutable base::Mutex mutex_;
  std::string pending_ GE_GUARDED_BY(mutex_);
  std::function<void()> wake_ GE_GUARDED_BY(mutex_);
  bool closed_ GE_GUARDED_BY(mutex_) = false;
  bool overflowed_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::net
