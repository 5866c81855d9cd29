#include "twins.h"

#include "span_intake_state.h"

namespace godseye::pipeline {
namespace {

uint64_t key_of(const signal::Span& span) { return id_key(span.trace_id_low, span.span_id, false); }
bool is_event(const signal::Span& span) { return span.source == signal::SpanSource::kLlmObs; }

}  // namespace

void Twins::meet(signal::Span& span) {
  base::MutexLock lock(mutex_);
  First* first = spans_.find(key_of(span));
  if (first == nullptr) {
    spans_[key_of(span)] = {.start_ns = span.start_ns, .event = is_event(span)};
    return;
  }
  const int64_t apart = span.start_ns - first->start_ns;
  if (first->event == is_event(span) || apart > kApartMaxNs || apart < -kApartMaxNs) return;
  span.start_ns = first->start_ns;
  if (!first->stored || first->met) return;
  first->met = true;
  span.flags |= signal::kSpanTwin;
}

void Twins::stored(const signal::Span& span) {
  base::MutexLock lock(mutex_);
  First* first = spans_.find(key_of(span));
  if (first != nullptr && first->event == is_event(span)) first->stored = true;
}

void Twins::forget(const signal::Span& span) {
  base::MutexLock lock(mutex_);
  First* first = spans_.find(key_of(span));
  if (first == nullptr) return;
  if (first->event == is_event(span)) {
    spans_.erase(key_of(span));
  } else if ((span.flags & signal::kSpanTwin) != 0) {
    first->met = false;
  }
}

}  // namespace godseye::pipeline
