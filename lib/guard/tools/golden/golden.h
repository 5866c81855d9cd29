#pragma once

#include <string>
#include <string_view>

// Every score of one text, for comparing one build with another: a change that is to make scoring faster must not
// change what it says. Numbers have nine digits.
namespace godseye::guard::golden {

struct Input {
  std::string_view text;
  std::string_view question;  // may be empty, as may the context
  std::string_view context;
};

// "logit score label reasons | pii spans | quality parts ungrounded similarity product ids | toxicity | tokens", the
// kinds of score separated by line feeds, in this order: injection as user, document and tool; personal data; quality
// and grounding; toxicity; the views.
std::string scores_of(const Input& input);

// The largest difference between two numbers at the same place in the two, or infinity where anything else differs.
double difference(std::string_view a, std::string_view b);

}  // namespace godseye::guard::golden
