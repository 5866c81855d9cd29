#include "lookalikes.h"

#include <algorithm>
#include <iterator>

namespace godseye::guard {

namespace {

struct Always {
  char32_t from;
  const char* to;
};
constexpr Always kAlways[] = {
    {0x00D0, "d"},  {0x00D8, "o"},  {0x00DE, "th"}, {0x00E6, "ae"}, {0x00F0, "d"}, {0x00F8, "o"},  {0x00FE, "th"},
    {0x0110, "d"},  {0x0111, "d"},  {0x0131, "i"},  {0x0138, "k"},  {0x0141, "l"}, {0x0142, "l"},  {0x0153, "oe"},
    {0x0180, "b"},  {0x0188, "c"},  {0x0192, "f"},  {0x0199, "k"},  {0x01DD, "e"}, {0x0250, "a"},  {0x0251, "a"},
    {0x0252, "a"},  {0x0253, "b"},  {0x0254, "o"},  {0x0256, "d"},  {0x0257, "d"}, {0x0259, "e"},  {0x025B, "e"},
    {0x025F, "f"},  {0x0260, "g"},  {0x0261, "g"},  {0x0262, "g"},  {0x0265, "h"}, {0x0266, "h"},  {0x0268, "i"},
    {0x0269, "i"},  {0x026A, "i"},  {0x026B, "l"},  {0x026F, "m"},  {0x0271, "m"}, {0x0272, "n"},  {0x0274, "n"},
    {0x0275, "o"},  {0x0279, "r"},  {0x0280, "r"},  {0x0282, "s"},  {0x0287, "t"}, {0x0288, "t"},  {0x0289, "u"},
    {0x028B, "v"},  {0x028C, "v"},  {0x028D, "w"},  {0x028E, "y"},  {0x028F, "y"}, {0x0290, "z"},  {0x0299, "b"},
    {0x029C, "h"},  {0x029E, "k"},  {0x029F, "l"},  {0x1D00, "a"},  {0x1D04, "c"}, {0x1D05, "d"},  {0x1D07, "e"},
    {0x1D09, "i"},  {0x1D0A, "j"},  {0x1D0B, "k"},  {0x1D0D, "m"},  {0x1D0F, "o"}, {0x1D18, "p"},  {0x1D1B, "t"},
    {0x1D1C, "u"},  {0x1D20, "v"},  {0x1D21, "w"},  {0x1D22, "z"},  {0x2010, "-"}, {0x2011, "-"},  {0x2012, "-"},
    {0x2013, "-"},  {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},  {0x2019, "'"}, {0x201A, "'"},  {0x201B, "'"},
    {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0x201F, "\""}, {0x2032, "'"}, {0x2033, "\""}, {0x2039, "<"},
    {0x203A, ">"},  {0x2212, "-"},  {0x2215, "/"},  {0xA730, "f"},  {0xA731, "s"},
};

struct Alike {
  char32_t from;
  char to;
};
constexpr Alike kAlike[] = {
    // Greek
    {0x03B1, 'a'},
    {0x03B2, 'b'},
    {0x03B3, 'y'},
    {0x03B4, 'd'},
    {0x03B5, 'e'},
    {0x03B7, 'n'},
    {0x03B8, 'o'},
    {0x03B9, 'i'},
    {0x03BA, 'k'},
    {0x03BC, 'u'},
    {0x03BD, 'v'},
    {0x03BF, 'o'},
    {0x03C1, 'p'},
    {0x03C3, 'o'},
    {0x03C4, 't'},
    {0x03C5, 'u'},
    {0x03C7, 'x'},
    {0x03C9, 'w'},
    {0x03F2, 'c'},
    {0x03F3, 'j'},
    // Cyrillic
    {0x0430, 'a'},
    {0x0431, 'b'},
    {0x0432, 'b'},
    {0x0433, 'r'},
    {0x0435, 'e'},
    {0x0437, 'e'},
    {0x0438, 'u'},
    {0x043A, 'k'},
    {0x043C, 'm'},
    {0x043D, 'h'},
    {0x043E, 'o'},
    {0x043F, 'n'},
    {0x0440, 'p'},
    {0x0441, 'c'},
    {0x0442, 't'},
    {0x0443, 'y'},
    {0x0445, 'x'},
    {0x0448, 'w'},
    {0x044C, 'b'},
    {0x044F, 'r'},
    {0x0454, 'e'},
    {0x0455, 's'},
    {0x0456, 'i'},
    {0x0458, 'j'},
    {0x0475, 'v'},
    {0x04AF, 'y'},
    {0x04BB, 'h'},
    {0x04CF, 'l'},
    {0x04D9, 'e'},
    {0x0501, 'd'},
    {0x051B, 'q'},
    {0x051D, 'w'},
    // Armenian
    {0x0561, 'w'},
    {0x0563, 'q'},
    {0x0566, 'q'},
    {0x0570, 'h'},
    {0x0578, 'n'},
    {0x057D, 'u'},
    {0x0581, 'g'},
    {0x0584, 'f'},
    {0x0585, 'o'},
    // Cherokee (lower case after folding) and Lisu capitals
    {0x13A0, 'd'},
    {0x13A1, 'r'},
    {0x13A2, 't'},
    {0x13A5, 'i'},
    {0x13AA, 'a'},
    {0x13AB, 'j'},
    {0x13AC, 'e'},
    {0x13B3, 'w'},
    {0x13B7, 'm'},
    {0x13BB, 'h'},
    {0x13C0, 'g'},
    {0x13C3, 'z'},
    {0x13CF, 'b'},
    {0x13D2, 'r'},
    {0x13DA, 's'},
    {0x13DE, 'l'},
    {0x13DF, 'c'},
    {0x13E2, 'p'},
    {0x13E6, 'k'},
    {0xA4D0, 'b'},
    {0xA4D1, 'p'},
    {0xA4D3, 'd'},
    {0xA4D4, 't'},
    {0xA4D6, 'g'},
    {0xA4D7, 'k'},
    {0xA4D9, 'j'},
    {0xA4DA, 'c'},
    {0xA4DC, 'z'},
    {0xA4DD, 'f'},
    {0xA4DF, 'm'},
    {0xA4E0, 'n'},
    {0xA4E1, 'l'},
    {0xA4E2, 's'},
    {0xA4E3, 'r'},
    {0xA4E6, 'v'},
    {0xA4E7, 'h'},
    {0xA4EA, 'w'},
    {0xA4EB, 'x'},
    {0xA4EC, 'y'},
    {0xA4EE, 'a'},
    {0xA4F0, 'e'},
    {0xA4F2, 'i'},
    {0xA4F3, 'o'},
    {0xA4F4, 'u'},
};

template <typename Entry, size_t kSize>
const Entry* find(const Entry (&table)[kSize], char32_t c) {
  const Entry* entry = std::lower_bound(std::begin(table), std::end(table), c,
                                        [](const Entry& e, char32_t value) { return e.from < value; });
  return entry != std::end(table) && entry->from == c ? entry : nullptr;
}

constexpr const char* kLetters[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
                                    "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z"};

}  // namespace

const char* always_ascii(char32_t c) {
  // Regional indicators and negative circled and squared letters have no compatibility mapping in Unicode.
  if (c >= 0x1F1E6 && c <= 0x1F1FF) return kLetters[c - 0x1F1E6];
  if (c >= 0x1F150 && c <= 0x1F169) return kLetters[c - 0x1F150];
  if (c >= 0x1F170 && c <= 0x1F189) return kLetters[c - 0x1F170];
  const Always* entry = find(kAlways, c);
  return entry == nullptr ? nullptr : entry->to;
}

char looks_like(char32_t c) {
  const Alike* entry = find(kAlike, c);
  return entry == nullptr ? '\0' : entry->to;
}

}  // namespace godseye::guard
