#pragma once

#include "settings.h"
#include "span_path.h"

#include <memory>
#include <string>

#include <godseye/api/event_routes.h>
#include <godseye/base/clock.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/event_intake.h>
#include <godseye/query/event_engine.h>
#include <godseye/store/store.h>

namespace godseye::app {

struct EventPathStats {
  pipeline::EventIntakeStats intake;
  api::EventRouteStats routes;
  uint64_t lost = 0;  // DogStatsD events and checks that the journal refused for too long
};

// The way of events and service checks through this process: intake, journal, search, routes.
// Threads: `flush` from the cutter's; the rest as the parts.
class EventPath {
 public:
  // `store`, `aggregator` and `spans` must outlive this.
  EventPath(const Settings& settings, store::Store& store, pipeline::Aggregator& aggregator, SpanPath& spans,
            base::Clock clock, std::string public_url);
  void add_to(api::Router& router) { routes_.add_to(router); }

  // What came by DogStatsD since the last call, into the journal. What the journal refuses waits for the next call, up
  // to pipeline::kPendingEventsMax of them; the oldest beyond are lost and counted.
  void flush();
  EventPathStats stats() const;

 private:
  base::Status append(const signal::EventBatch& batch);

  store::Store& store_;
  pipeline::Aggregator& aggregator_;
  SpanPath& spans_;
  pipeline::EventIntake intake_;
  query::EventEngine events_;
  api::EventRoutes routes_;
  signal::EventBatch held_;
  std::atomic<uint64_t> lost_{0};
};

}  // namespace godseye::app
