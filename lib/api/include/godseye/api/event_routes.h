#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/pipeline/event_intake.h>
#include <godseye/query/event_engine.h>

// Events, service checks and product analytics (spec datadog-api.md 5; docs/product-analytics.md).
//   POST /api/v1/events   GET /api/v1/events?start&end   GET /api/v1/events/{id}
//   POST /api/v2/events   GET /api/v2/events   POST /api/v2/events/search
//   POST /api/v1/check_run
//   POST /api/godseye/v1/analytics
// A 202 means that what was not counted as dropped is in the journal.
namespace godseye::api {

struct EventRouteStats {
  uint64_t bodies = 0;
  uint64_t bytes_in = 0;
  uint64_t refused_malformed = 0;
  uint64_t refused_journal = 0;
};

class EventRoutes {
 public:
  using Append = std::function<base::Status(const signal::EventBatch&)>;

  // `intake` and `events` must outlive this. `public_url` begins the links in answers.
  EventRoutes(pipeline::EventIntake& intake, query::EventEngine& events, Append append, base::Clock clock,
              std::string public_url);
  // This must outlive the router.
  void add_to(Router& router);
  EventRouteStats stats() const;

 private:
  net::HttpResponse create_v1(const Request& request);
  net::HttpResponse create_v2(const Request& request);
  net::HttpResponse check_run(const Request& request);
  net::HttpResponse track(const Request& request);
  net::HttpResponse list_v1(const Request& request) const;
  net::HttpResponse get_v1(const Request& request) const;
  net::HttpResponse list_v2(const Request& request) const;
  net::HttpResponse search_v2(const Request& request) const;

  net::HttpResponse refused(const base::Error& error);
  base::Status keep(signal::EventBatch& batch);

  pipeline::EventIntake& intake_;
  query::EventEngine& events_;
  const Append append_;
  const base::Clock clock_;
  const std::string public_url_;
  std::atomic<uint64_t> bodies_{0}, bytes_in_{0}, malformed_{0}, journal_{0};
};

}  // namespace godseye::api
