#include "block_watch.h"

#include "route_help.h"

#include <limits>

#include <godseye/api/control_routes.h>
#include <godseye/api/errors.h>

namespace godseye::api {

BlockWatch::BlockWatch(control::Control& control, base::Clock clock) : control_(control), clock_(std::move(clock)) {
  control_.on_change([this](const control::Change& change) { publish(change); });
}

BlockWatch::~BlockWatch() {
  control_.on_change({});
  close();
}

bool BlockWatch::send(Watcher& watcher, std::string_view type, const std::string& data) {
  if (watcher.events_left == 0 || !watcher.stream->send(type, data)) return false;
  if (--watcher.events_left > 0) return true;
  watcher.stream->close();
  return false;
}

bool BlockWatch::tell(Watcher& watcher, const control::Change& change) const {
  const int64_t now_s = base::unix_seconds(clock_.wall());
  const std::string version = "{\"version\":" + std::to_string(change.version);
  if (change.whole || !change.blocks.empty() || !change.settings) {
    std::string data = version + ",\"settings\":" + (change.settings ? "true" : "false") + ",\"blocks\":[";
    for (const gateway::Block& block : change.blocks) {
      if (data.back() != '[') data += ',';
      data += gateway::block_json(block, now_s);
    }
    return send(watcher, change.whole ? "snapshot" : "change", data + "]}");
  }
  return send(watcher, "settings", version + "}");
}

void BlockWatch::publish(const control::Change& change) {
  base::MutexLock lock(mutex_);
  std::erase_if(watchers_, [&](Watcher& watcher) { return !tell(watcher, change); });
}

net::HttpResponse BlockWatch::subscribe(const Request& request) {
  const std::string_view after_text = request.query("after");
  const std::optional<int64_t> after = whole_number(after_text);
  if (!after_text.empty() && !after) return error_response(400, "after: expected a version, a whole number");
  const std::string_view limit_text = request.query("limit");
  const std::optional<int64_t> limit = whole_number(limit_text);
  if (!limit_text.empty() && (!limit || *limit == 0)) return error_response(400, "limit: expected a number above 0");
  Watcher watcher{.stream = std::make_shared<net::EventStream>(kWatcherPendingBytesMax),
                  .events_left = limit ? static_cast<size_t>(*limit) : std::numeric_limits<size_t>::max()};
  net::HttpResponse response;
  response.stream = watcher.stream;
  {
    base::MutexLock lock(mutex_);
    std::erase_if(watchers_, [](const Watcher& other) { return other.stream->closed(); });
    if (closed_) return error_response(503, "shutting down");
    if (watchers_.size() >= kWatchersMax) {
      ++refused_;
      return error_response(503, "too many watchers of blocks (" + std::to_string(kWatchersMax) + ")");
    }
  }
  const std::optional<uint64_t> known = after ? std::optional<uint64_t>(*after) : std::nullopt;
  base::Status told = control_.catch_up(known, [&](const control::Change& change) {
    base::MutexLock lock(mutex_);
    // Who asks for a number of events waits for something to happen.
    const bool nothing = !change.whole && change.blocks.empty() && !change.settings;
    if ((nothing && limit) || tell(watcher, change)) watchers_.push_back(watcher);
  });
  if (!told) return error_response(told.error());
  return response;
}

void BlockWatch::close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
  for (const Watcher& watcher : watchers_) watcher.stream->close();
  watchers_.clear();
}

size_t BlockWatch::watchers() const {
  base::MutexLock lock(mutex_);
  return watchers_.size();
}

uint64_t BlockWatch::refused() const {
  base::MutexLock lock(mutex_);
  return refused_;
}

}  // namespace godseye::api
