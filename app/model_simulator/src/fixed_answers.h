#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/chat.h>
#include <godseye/genai/route.h>

// The same answer in every protocol, written once at the start: what a benchmark's upstream sends without reading the
// prompt. Immutable, any thread.
namespace godseye::model_simulator {

class FixedAnswers {
 public:
  // Empty `text`: none.
  explicit FixedAnswers(std::string_view text);

  bool any() const { return !whole_.empty(); }
  // The body of a whole answer; nullptr when the dialect has none.
  const std::string* whole(genai::Dialect dialect) const;
  // The frames of a streamed answer, one token each.
  const std::vector<std::string>* frames(genai::Dialect dialect, genai::Framing framing) const;

 private:
  std::map<genai::Dialect, std::string> whole_;
  std::map<std::pair<genai::Dialect, genai::Framing>, std::vector<std::string>> frames_;
};

}  // namespace godseye::model_simulator
