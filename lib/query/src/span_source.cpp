#include "span_source.h"

namespace godseye::query {

base::Result<store::Rows> SpanSource::select(const std::string& sql, SqlParameters& parameters) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - clock_.tick());
  if (left.count() <= 0) {
    return base::Error(base::ErrorCode::kTimeout,
                       "the question took longer than " + std::to_string(limits_.deadline.count()) + " ms");
  }
  store::QueryOptions options;
  options.parameters = parameters.take();
  options.timeout = left;
  options.settings = {{"max_rows_to_read", std::to_string(limits_.rows_read_max)},
                      // A search of kQueryNodesMax terms is longer than the engine's default.
                      {"max_query_size", "2000000"},
                      {"join_algorithm", "hash"}};
  return engine_.select(sql, options);
}

int64_t SpanSource::now_ns() const { return clock_.wall().time_since_epoch().count(); }

base::Status check_range(int64_t from_ns, int64_t to_ns) {
  if (from_ns >= 0 && from_ns < to_ns) return base::ok();
  return base::Error(base::ErrorCode::kInvalidArgument, "expected from before to");
}

}  // namespace godseye::query
