#include <godseye/lang/search.h>

// Canonical text of search trees.
namespace godseye::lang {
namespace {

using Kind = SearchNode::Kind;

constexpr std::string_view kSpecial(" \t\n\r()\"\\*?\0", 11);  // anywhere in a word
constexpr std::string_view kSpecialFirst = "-!@#><=[{]}";      // at its begin

bool is_keyword(std::string_view word) {
  return word == "AND" || word == "OR" || word == "NOT" || word == "TO" || word == "CIDR";
}

// `text` as a word that reads back as it. `also`: further characters to escape.
std::string word_text(std::string_view text, std::string_view also) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool special =
        kSpecial.find(text[i]) != std::string_view::npos || also.find(text[i]) != std::string_view::npos;
    if (special || (i == 0 && (kSpecialFirst.find(text[0]) != std::string_view::npos || is_keyword(text)))) out += '\\';
    out += text[i];
  }
  return out;
}

std::string glob_text(std::string_view pattern, std::string_view also) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?') {
      out += pattern[i];
    } else if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += '\\';
      out += pattern[++i];
    } else if (i == 0) {
      out += word_text(pattern.substr(0, 1), also);
    } else {
      const bool special = kSpecial.find(pattern[i]) != std::string_view::npos;
      if (special || also.find(pattern[i]) != std::string_view::npos) out += '\\';
      out += pattern[i];
    }
  }
  return out;
}

std::string value_text(const SearchValue& value, std::string_view also) {
  if (value.glob) return glob_text(value.text, also);
  return value.text.empty() ? "\"\"" : word_text(value.text, also);
}

std::string phrase_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string bound_text(const SearchBound& bound) {
  if (bound.open) return "*";
  return bound.text.empty() ? "\"\"" : value_text({.text = bound.text}, "]}");
}

std::string range_text(const SearchNode& node) {
  if (node.high.open) return (node.low.inclusive ? ">=" : ">") + bound_text(node.low);
  if (node.low.open) return (node.high.inclusive ? "<=" : "<") + bound_text(node.high);
  return (node.low.inclusive ? "[" : "{") + bound_text(node.low) + " TO " + bound_text(node.high) +
         (node.high.inclusive ? "]" : "}");
}

std::string key_text(const SearchNode& node) {
  const std::string key = node.key == "*" ? "*" : word_text(node.key, ":");
  return (node.attribute ? "@" : "") + key + ":";
}

std::string text_of(const SearchNode& node, Kind parent) {
  switch (node.kind) {
    case Kind::kEverything:
      return "*";
    case Kind::kText:
      return node.quoted ? phrase_text(node.value.text) : value_text(node.value, ":");
    case Kind::kTerm:
      return key_text(node) + value_text(node.value, "");
    case Kind::kExists:
      return key_text(node) + "*";
    case Kind::kRange:
      return key_text(node) + range_text(node);
    case Kind::kNot:
      return "-" + text_of(node.children[0], Kind::kNot);
    case Kind::kAnd:
    case Kind::kOr:
      break;
  }
  std::string text;
  for (const SearchNode& child : node.children) {
    if (!text.empty()) text += node.kind == Kind::kAnd ? " " : " OR ";
    text += text_of(child, node.kind);
  }
  const bool bare = parent == Kind::kEverything || (parent == Kind::kOr && node.kind == Kind::kAnd);
  return bare ? text : "(" + text + ")";
}

}  // namespace

std::string to_text(const SearchNode& node) { return text_of(node, Kind::kEverything); }

std::string quoted_search_value(std::string_view text) {
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!plain && c != '-' && c != '/') return phrase_text(text);
  }
  return text.empty() || text.front() == '-' || is_keyword(text) ? phrase_text(text) : std::string(text);
}

}  // namespace godseye::lang
