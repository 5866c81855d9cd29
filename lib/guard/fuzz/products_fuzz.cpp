// Any bytes as an answer: findings in order, inside the text, counted rightly. Any bytes as a catalogue: built or
// refused.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/guard/products.h>

namespace {

using namespace godseye::guard;

const Catalogue& shop() {
  static const std::shared_ptr<const Catalogue> built = *Catalogue::build({
      {"OLJCESPC7Z", "Sunglasses", "", 19.99, "USD", {}, 10},
      {"SKU-1001", "Fjellby Desk Lamp", "Fjellby", 49.99, "USD", {{"color", "black"}}, 0},
      {"SKU-1002", "AeroPulse X200 Headphones", "AeroPulse", 129, "EUR", {}, 3},
      {"10234", "Oak Bookshelf", "Nordlys", 1299, "", {}, std::nullopt},
  });
  return *built;
}

void expect(bool holds) {
  if (!holds) std::abort();
}

void check(const Catalogue& catalogue, std::string_view answer) {
  const ProductFindings found = catalogue.check(answer);
  expect(found.named == found.mentions.size() && found.named <= kMentionsMax);
  size_t last = 0;
  uint32_t invalid = 0;
  for (const ProductFinding& finding : found.mentions) {
    expect(finding.start >= last && finding.end > finding.start && finding.end <= answer.size());
    expect(finding.similarity >= 0 && finding.similarity <= 1);
    invalid += finding.verdict == ProductVerdict::kInvalid;
    last = finding.end;
  }
  expect(invalid == found.invalid);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(shop(), text);
  // The first line as name, the second as brand, the rest as the answer about it.
  const size_t first = std::min(text.find('\n'), text.size());
  const size_t second = std::min(text.find('\n', std::min(first + 1, text.size())), text.size());
  const std::string_view name = text.substr(0, first);
  const std::string_view brand = first < second ? text.substr(first + 1, second - first - 1) : std::string_view();
  auto built = Catalogue::build({{"A-1", std::string(name), std::string(brand), 1.0, "USD", {}, 1},
                                 {std::string(brand), std::string(name), "", 2.0, "", {{"k", std::string(name)}}, 0}});
  if (built) check(**built, text);
  return 0;
}
