#pragma once

#include <string_view>

// The drawings of the kinds of products: fragments of SVG on a canvas of 200 by 200. `$m` is the main fill (it may be a
// pattern), `$d` a darker, `$l` a lighter tone, `$s` the second colour, `$w` near white, `$k` dark line.
namespace vcommerce::catalogue {

// Two forms of each kind (`form` 0 or 1); a plain box for a code that is not known.
std::string_view drawing_of(std::string_view code, unsigned form);

}  // namespace vcommerce::catalogue
