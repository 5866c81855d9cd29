#pragma once

#include <godseye/api/span_routes.h>
#include <godseye/store/store.h>

namespace godseye::app {

// Erasure of what belongs to a session or a user, over `store`, which must outlive the result.
api::ErasureParts erasure_parts(store::Store& store);

}  // namespace godseye::app
