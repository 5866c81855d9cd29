#pragma once

#include "scope_sql.h"

#include <string>

#include <godseye/base/clock.h>
#include <godseye/query/span_engine.h>
#include <godseye/store/engine.h>

namespace godseye::query {

// The statements of one question: its deadline holds for all of them together.
class SpanSource {
 public:
  SpanSource(store::Engine& engine, const base::Clock& clock, const SpanLimits& limits)
      : engine_(engine), clock_(clock), limits_(limits), deadline_(clock.tick() + limits.deadline) {}

  // Takes the parameters.
  base::Result<store::Rows> select(const std::string& sql, SqlParameters& parameters);

  const SpanLimits& limits() const { return limits_; }
  int64_t now_ns() const;

 private:
  store::Engine& engine_;
  const base::Clock& clock_;
  const SpanLimits& limits_;
  base::TickTime deadline_;
};

// kInvalidArgument unless from < to.
base::Status check_range(int64_t from_ns, int64_t to_ns);

}  // namespace godseye::query
