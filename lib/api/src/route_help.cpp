#include "route_help.h"

namespace godseye::api {

std::vector<SearchWord> search_words(std::string_view text) {
  std::vector<SearchWord> words;
  std::string current;
  bool quoted = false;
  bool any = false;
  const auto finish = [&] {
    if (!any) return;
    SearchWord word;
    const size_t colon = current.find(':');
    if (colon != std::string::npos && colon > 0) {
      word.key = lower(current.substr(0, colon));
      word.value = lower(current.substr(colon + 1));
    } else {
      word.value = lower(current);
    }
    // Conditions are joined by AND whether or not it is written.
    if (!(word.key.empty() && word.value == "and")) words.push_back(std::move(word));
    current.clear();
    any = false;
  };
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ' ' || c == '(' || c == ')')) {
      finish();
    } else {
      current += c;
      any = true;
    }
  }
  finish();
  return words;
}

}  // namespace godseye::api
