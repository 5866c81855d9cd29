#pragma once

#include <string_view>

// Files that the build places inside the program (`.incbin`), so that nothing has to be found at run time and the
// kernel maps them page by page.
namespace godseye::guard::assets {

std::string_view rules_generic();  // serialised pattern database for any processor of this architecture
std::string_view rules_avx2();     // the same for AVX2
std::string_view plain_words();    // patterns that are one short word: "word atom", one a line, sorted
std::string_view words();          // common words, most frequent first, one a line
std::string_view model();          // the trained model (model_format.h)

}  // namespace godseye::guard::assets
