#include "event_path.h"

#include <algorithm>
#include <iterator>

#include <godseye/base/log.h>

namespace godseye::app {
namespace {

template <typename Item>
uint64_t hold(std::vector<Item>& held, std::vector<Item> fresh) {
  std::move(fresh.begin(), fresh.end(), std::back_inserter(held));
  const size_t beyond = held.size() > pipeline::kPendingEventsMax ? held.size() - pipeline::kPendingEventsMax : 0;
  held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(beyond));
  return beyond;
}

}  // namespace

EventPath::EventPath(const Settings& settings, store::Store& store, pipeline::Aggregator& aggregator, base::Clock clock,
                     std::string public_url)
    : store_(store),
      aggregator_(aggregator),
      intake_({.attribution = settings.attribution_tags}, clock),
      events_(store.engine()),
      routes_(
          intake_, events_, [this](const signal::EventBatch& batch) { return store_.append(batch); }, clock,
          std::move(public_url)) {}

void EventPath::flush() {
  signal::EventBatch fresh = aggregator_.take_events();
  intake_.accept(fresh);
  lost_ += hold(held_.events, std::move(fresh.events)) + hold(held_.checks, std::move(fresh.checks));
  const base::Status appended = store_.append(held_);
  if (!appended) {
    spdlog::error("journal refuses {} events and checks, they wait: {}", held_.events.size() + held_.checks.size(),
                  appended.error().message());
    return;
  }
  held_ = {};
}

EventPathStats EventPath::stats() const {
  return {.intake = intake_.stats(), .routes = routes_.stats(), .lost = lost_};
}

}  // namespace godseye::app
