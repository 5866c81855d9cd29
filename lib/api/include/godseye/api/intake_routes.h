#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <godseye/api/router.h>
#include <godseye/base/result.h>
#include <godseye/pipeline/metric_intake.h>

// Datadog's metric intake (spec datadog-api.md 3). A 202 means that every point that was not counted as dropped is in
// the journal; when the journal is full or the disk refuses, 429 or 503 says so and nothing of the body was kept.
//   POST /api/v1/series                {"status":"ok"}
//   POST /api/v2/series                {"errors":[]}    JSON or application/x-protobuf
//   POST /api/v1/distribution_points   {"status":"ok"}
//   POST /api/beta/sketches, /api/v1/sketches   {"status":"ok"}   protobuf
namespace godseye::api {

// Counts since the start, over all four paths.
struct IntakeRouteStats {
  uint64_t bodies = 0;
  uint64_t bytes_in = 0;
  uint64_t refused_malformed = 0;  // 400 and 413
  uint64_t refused_journal = 0;    // 429 and 503
};

class IntakeRoutes {
 public:
  using Append = std::function<base::Status(const signal::MetricBatch&)>;

  // `intake` must outlive this; `append` returns ok once the batch is in the journal.
  IntakeRoutes(pipeline::MetricIntake& intake, Append append);
  // This must outlive the router.
  void add_to(Router& router);
  IntakeRouteStats stats() const;

 private:
  using Decode = base::Result<ddapi::MetricPayload> (*)(std::string_view);
  net::HttpResponse take(const Request& request, Decode decode, std::string_view accepted);

  pipeline::MetricIntake& intake_;
  const Append append_;
  std::atomic<uint64_t> bodies_{0};
  std::atomic<uint64_t> bytes_in_{0};
  std::atomic<uint64_t> refused_malformed_{0};
  std::atomic<uint64_t> refused_journal_{0};
};

}  // namespace godseye::api
