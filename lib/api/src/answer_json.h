#pragma once

#include "inspect_body.h"

#include <string>

#include <godseye/guard/products.h>

namespace godseye::api {

// Members about the answer of a model, each with its leading comma: quality, grounding, toxicity; products when there
// is a catalogue, leak when something must not come out. Requires `input.answer`.
std::string answer_members(const TextToInspect& input, const guard::Catalogue* catalogue);

}  // namespace godseye::api
