#include "picture.h"
#include "query.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What a person types into the search, and names of pictures: whatever the bytes, words stay within their limits, a
// quoted word cannot end its quotes, and a picture's name is an id.
using namespace vcommerce::catalogue;

namespace {

const Vocabulary& vocabulary() {
  static const Vocabulary words = [] {
    Vocabulary made;
    Product product;
    product.name = "Ebba Linen Wrap Dress";
    product.brand = "O'Hanlan Lane";
    product.kind = "dress";
    product.description = "A wrap dress in linen for long summer evenings.";
    made.add(product);
    return made;
  }();
  return words;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> words = query_words(text);
  require(words.size() <= kQueryWordsMax);
  for (const std::string& word : words) {
    require(!word.empty() && word.size() <= kWordBytesMax);
    const std::string nearest = vocabulary().nearest(word);
    require(nearest.empty() || edit_distance(word, nearest, 2) <= 2);
    (void)vocabulary().knows(word);
  }
  if (!words.empty()) {
    const std::string expression = match_expression(words, size % 2 == 0);
    size_t quotes = 0;
    for (const char c : expression) quotes += c == '"' ? 1 : 0;
    require(quotes % 2 == 0);
  }
  if (const auto id = product_of_picture(text)) require(picture_name(*id) == text);
  return 0;
}
