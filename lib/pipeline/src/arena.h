#pragma once

#include <godseye/signal/span.h>

namespace godseye::pipeline {

// Rebuilds the batch's arena of what is still referred to: a text that was masked must not reach the journal in its old
// form. Texts that shared their bytes share them again.
void drop_unreferenced_text(signal::SpanBatch& batch);

}  // namespace godseye::pipeline
