#include "assets.h"

#define GE_STRING_OF(x) #x
#define GE_STRING(x) GE_STRING_OF(x)
// Defines asset_<name> and asset_<name>_end around the bytes of `path`.
#define GE_EMBED(name, path)                    \
  __asm__(                                      \
      ".section .rodata\n"                      \
      ".balign 64\n"                            \
      ".global godseye_asset_" #name            \
      "\n"                                      \
      "godseye_asset_" #name                    \
      ":\n"                                     \
      ".incbin \"" path                         \
      "\"\n"                                    \
      ".global godseye_asset_" #name            \
      "_end\n"                                  \
      "godseye_asset_" #name                    \
      "_end:\n"                                 \
      ".byte 0\n"                               \
      ".previous\n");                           \
  extern "C" const char godseye_asset_##name[]; \
  extern "C" const char godseye_asset_##name##_end[]

GE_EMBED(rules_generic, GE_ASSET_RULES_GENERIC);
GE_EMBED(rules_avx2, GE_ASSET_RULES_AVX2);
GE_EMBED(plain_words, GE_ASSET_PLAIN_WORDS);
GE_EMBED(words, GE_ASSET_WORDS);
GE_EMBED(model, GE_ASSET_MODEL);

namespace godseye::guard::assets {

namespace {
std::string_view between(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }
}  // namespace

std::string_view rules_generic() { return between(godseye_asset_rules_generic, godseye_asset_rules_generic_end); }
std::string_view rules_avx2() { return between(godseye_asset_rules_avx2, godseye_asset_rules_avx2_end); }
std::string_view plain_words() { return between(godseye_asset_plain_words, godseye_asset_plain_words_end); }
std::string_view words() { return between(godseye_asset_words, godseye_asset_words_end); }
std::string_view model() { return between(godseye_asset_model, godseye_asset_model_end); }

}  // namespace godseye::guard::assets
