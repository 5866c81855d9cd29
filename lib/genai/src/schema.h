#pragma once

#include "json.h"

#include <string>

namespace godseye::genai {

// Gemini's Schema (a subset of OpenAPI's: types in capitals, `nullable`, whole numbers as texts, `propertyOrdering`) as
// JSON Schema. What is JSON Schema already stays as it is.
std::string schema_from_gemini(Json schema);

}  // namespace godseye::genai
