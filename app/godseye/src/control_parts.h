#pragma once

#include "span_path.h"

#include <godseye/api/control_routes.h>
#include <godseye/base/clock.h>
#include <godseye/control/control.h>
#include <godseye/store/store.h>

namespace godseye::app {

// What the routes of blocks, settings, feedback and lone gateways need of this process. All must outlive them.
api::ControlParts control_parts(control::Control& control, SpanPath& spans, store::Store& store, base::Clock clock);

// The last message of the user in a stored `input` (JSON, docs/traces.md); the value of a plain one; "" for others.
std::string user_text(std::string_view input_json);

}  // namespace godseye::app
