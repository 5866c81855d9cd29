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

EventPath::EventPath(const Settings& settings, store::Store& store, pipeline::Aggregator& aggregator, SpanPath& spans,
                     base::Clock clock, std::string public_url)
    : store_(store),
      aggregator_(aggregator),
      spans_(spans),
      intake_({.attribution = settings.attribution_tags}, clock),
      events_(store.engine()),
      routes_(
          intake_, events_, [this](const signal::EventBatch& batch) { return append(batch); }, clock,
          std::move(public_url)) {}

// What product analytics calls say of sessions is decided here, before the journal.
base::Status EventPath::append(const signal::EventBatch& batch) {
  const bool judged = std::any_of(batch.events.begin(), batch.events.end(), [](const signal::Event& event) {
    return event.source == signal::kProductAnalyticsSource;
  });
  if (!judged) return store_.append(batch);
  signal::EventBatch copy = batch;
  return spans_.append_events(copy);
}

void EventPath::flush() {
  signal::EventBatch fresh = aggregator_.take_events();
  intake_.accept(fresh);
  lost_ += hold(held_.events, std::move(fresh.events)) + hold(held_.checks, std::move(fresh.checks));
  const base::Status appended = append(held_);
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
