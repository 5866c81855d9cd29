#pragma once

#include "span_source.h"

#include <span>
#include <string>
#include <vector>

// Rows of `spans` and `llm_spans` as StoredSpan.
namespace godseye::query {

// Where a span is; what a page of search results consists of before it is read in full.
struct SpanPosition {
  int64_t start_ns = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  bool operator==(const SpanPosition&) const = default;
};

// The SELECT list that read_span reads.
std::string span_columns();
StoredSpan read_span(const store::Rows& rows, size_t row);

// The spans at `positions`, in that order, a call that came two ways as one; those that are gone meanwhile are left
// out.
base::Result<std::vector<StoredSpan>> read_spans(SpanSource& source, std::span<const SpanPosition> positions);

// Adds the LLM side to those of `spans` that have one. Without `texts` prompts, answers and stacks stay away.
base::Status add_llm(SpanSource& source, std::span<StoredSpan> spans, bool texts);

}  // namespace godseye::query
