#pragma once

#include <string>

#include <godseye/guard/grounding.h>
#include <godseye/guard/json.h>
#include <godseye/guard/products.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/toxicity.h>

// What the scorers of answers found as JSON, for the command line and HTTP: members without the braces around them, as
// in json.h. Byte offsets are of the answer.
namespace godseye::guard {

// "score","parts":{name: 0 to 1, measured ones only},"reasons":[names],"toxicity","ungrounded","product_ids":[…]
std::string json_members(const QualityScore& score);
// "measured","score","similarity","ungrounded","claims","supported","unsupported":[{"kind","start","end"}]
std::string json_members(const Grounding& grounding);
// "score","hits":[{"kind","start","end","weight"}]
std::string json_members(const Toxicity& toxicity);
// "named","invalid","wrong_price","wrong_stock","mentions":[{"verdict","match","start","end","text","id","similarity",
// "said_price"?,"catalogue_price"?,"said_in_stock"?}][,"truncated":true]
std::string json_members(const ProductFindings& findings);

}  // namespace godseye::guard
