#pragma once

#include <string_view>

#include <vcommerce/frontend/reviews.h>

// Whether somebody should look at a review before everybody sees it. Pure; a few words of rules, no judge of meaning.
namespace vcommerce::frontend {

// Empty: nothing speaks against it. Else why it waits: "markup" (a tag of HTML, `[url]`), "link" (an address of the
// web or of mail, in name or text), "repeated" (a character twelve times in a row, or one word more than half of eight
// and more), "direction" (characters that turn the direction of writing around).
std::string_view reason_to_hold(const Review& review);

}  // namespace vcommerce::frontend
