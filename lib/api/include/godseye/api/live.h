#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/router.h>
#include <godseye/base/mutex.h>
#include <godseye/net/event_stream.h>

// `LiveHub` tells open pages what changed, as server-sent events at GET /api/godseye/v1/live. Event names are the kind
// (`metrics` after each stored cut, `monitors`, `incidents`, `health`), data is a small JSON object; pages load again
// what they show. `?topics=a,b` limits what is sent. At most `subscribers_max` clients; the next gets 503. A client
// that does not keep up is dropped by its stream. Threads: all functions from any thread; `publish` never blocks on a
// client.
namespace godseye::api {

class LiveHub {
 public:
  explicit LiveHub(size_t subscribers_max = 256) : subscribers_max_(subscribers_max) {}

  // `json` is one JSON value.
  void publish(std::string_view topic, std::string_view json) GE_EXCLUDES(mutex_);
  net::HttpResponse subscribe(const Request& request) GE_EXCLUDES(mutex_);
  size_t subscribers() const GE_EXCLUDES(mutex_);
  // Ends every stream; later subscribers get 503.
  void close() GE_EXCLUDES(mutex_);

 private:
  struct Subscriber {
    std::shared_ptr<net::EventStream> stream;
    std::string topics;  // ",a,b,"; empty: all
  };
  const size_t subscribers_max_;
  mutable base::Mutex mutex_;
  std::vector<Subscriber> subscribers_ GE_GUARDED_BY(mutex_);
  bool closed_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::api
