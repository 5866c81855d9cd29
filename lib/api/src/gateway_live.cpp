#include "gateway_json.h"

#include <godseye/api/errors.h>
#include <godseye/api/gateway_live.h>

namespace godseye::api {
namespace {

// A second or two of the fastest stream: a page that far behind reconnects and loads the list.
constexpr size_t kPendingBytesMax = 256 * 1024;

}  // namespace

void GatewayLive::publish(const GatewayCall& call) {
  if (open_.load(std::memory_order_relaxed) == 0) return;
  std::string json;  // written for the first who wants it
  const int64_t second = base::unix_seconds(clock_.wall());
  const bool flagged = call.verdict != GatewayVerdict::kObserve;
  base::MutexLock lock(mutex_);
  std::erase_if(subscribers_, [&](Subscriber& subscriber) GE_REQUIRES(mutex_) {
    if (!subscriber.filter.matches(call)) return subscriber.stream->closed();
    if (json.empty()) append_call(json, call);
    return !send(subscriber, flagged, json, second);
  });
  open_.store(subscribers_.size(), std::memory_order_relaxed);
}

bool GatewayLive::send(Subscriber& subscriber, bool flagged, const std::string& json, int64_t second) {
  Budget& budget = flagged ? subscriber.flagged : subscriber.observed;
  if (budget.second != second) budget = {.second = second, .sent = 0};
  if (budget.sent >= kLiveCallsPerSecondMax) {
    ++subscriber.skipped;
    ++skipped_;
    return !subscriber.stream->closed();
  }
  ++budget.sent;
  ++sent_;
  if (subscriber.skipped > 0) {
    subscriber.stream->send("skipped", "{\"calls\":" + std::to_string(subscriber.skipped) + "}");
    subscriber.skipped = 0;
  }
  return subscriber.stream->send("call", json);
}

net::HttpResponse GatewayLive::subscribe(const Request& request) {
  base::Result<CallFilter> filter = CallFilter::parse(request.query("query"));
  if (!filter) return error_response(filter.error());
  Subscriber subscriber{.stream = std::make_shared<net::EventStream>(kPendingBytesMax), .filter = *std::move(filter)};
  net::HttpResponse response;
  response.stream = subscriber.stream;
  base::MutexLock lock(mutex_);
  std::erase_if(subscribers_, [](const Subscriber& other) { return other.stream->closed(); });
  if (closed_ || subscribers_.size() >= subscribers_max_) {
    ++refused_;
    return error_response(503, closed_ ? "shutting down" : "too many live clients");
  }
  subscriber.stream->send("hello", "{}");
  subscribers_.push_back(std::move(subscriber));
  open_.store(subscribers_.size(), std::memory_order_relaxed);
  return response;
}

GatewayLiveStats GatewayLive::stats() const {
  base::MutexLock lock(mutex_);
  return {.sent = sent_, .skipped = skipped_, .subscribers_now = subscribers_.size(), .refused = refused_};
}

void GatewayLive::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
  for (const Subscriber& subscriber : subscribers_) subscriber.stream->close();
  subscribers_.clear();
  open_.store(0, std::memory_order_relaxed);
}

}  // namespace godseye::api
