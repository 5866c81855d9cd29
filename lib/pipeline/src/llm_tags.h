#pragma once

#include <godseye/signal/span.h>

namespace godseye::pipeline {

// An APM span whose tags describe a call of a model (`llm.*`; `gen_ai.*`) and count its tokens
// gets an LLM side made of them. False when the tags do not say enough: a model and tokens.
bool llm_from_tags(signal::SpanBatch& batch, signal::Span& span);

}  // namespace godseye::pipeline
