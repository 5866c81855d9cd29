#include <godseye/api/errors.h>
#include <godseye/api/live.h>

namespace godseye::api {
namespace {

// Events are a few dozen bytes; a page this far behind shows stale numbers anyway and reconnects.
constexpr size_t kPendingBytesMax = 64 * 1024;

}  // namespace

void LiveHub::publish(std::string_view topic, std::string_view json) {
  const std::string mark = "," + std::string(topic) + ",";
  base::MutexLock lock(mutex_);
  std::erase_if(subscribers_, [&](const Subscriber& subscriber) {
    const bool wanted = subscriber.topics.empty() || subscriber.topics.find(mark) != std::string::npos;
    return wanted ? !subscriber.stream->send(topic, json) : subscriber.stream->closed();
  });
}

net::HttpResponse LiveHub::subscribe(const Request& request) {
  Subscriber subscriber{.stream = std::make_shared<net::EventStream>(kPendingBytesMax), .topics = {}};
  if (const std::string_view topics = request.query("topics"); !topics.empty()) {
    subscriber.topics = "," + std::string(topics) + ",";
  }
  net::HttpResponse response;
  response.stream = subscriber.stream;
  base::MutexLock lock(mutex_);
  std::erase_if(subscribers_, [](const Subscriber& other) { return other.stream->closed(); });
  if (closed_) return error_response(503, "shutting down");
  if (subscribers_.size() >= subscribers_max_) return error_response(503, "too many live clients");
  // The first event tells the client that the stream is open before anything happened.
  subscriber.stream->send("hello", "{}");
  subscribers_.push_back(std::move(subscriber));
  return response;
}

size_t LiveHub::subscribers() const {
  base::MutexLock lock(mutex_);
  return subscribers_.size();
}

void LiveHub::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
  for (const Subscriber& subscriber : subscribers_) subscriber.stream->close();
  subscribers_.clear();
}

}  // namespace godseye::api
