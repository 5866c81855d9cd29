#pragma once

#include "span_path.h"

#include <godseye/api/span_routes.h>
#include <godseye/store/store.h>

namespace godseye::app {

// Erasure of what belongs to a session or a user, in `store` and in what `spans` remembers of conversations; both must
// outlive the result.
api::ErasureParts erasure_parts(store::Store& store, SpanPath& spans);

}  // namespace godseye::app
