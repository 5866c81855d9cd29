#include "cursor.h"
#include "search_number.h"

#include <algorithm>
#include <utility>

#include <godseye/lang/search.h>

// Grammar (spec queries.md 8). In a group of values (`key:(…)`) a term is a value of that key:
//   or    := and (OR and)*
//   and   := unary ([AND] unary)*
//   unary := (NOT | '-' | '!') unary | '(' or ')' | term
//   term  := "phrase" | word | key ':' value
//   value := word | "text" | '(' or ')' | ('[' | '{') bound TO bound (']' | '}') | ('>' | '>=' | '<' | '<=') bound
namespace godseye::lang {
namespace {

using Kind = SearchNode::Kind;

constexpr std::string_view kExpectedTerm = "a word, a \"phrase\", key:value or '('";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool ends_word(char c) { return c == '\0' || is_blank(c) || c == '(' || c == ')' || c == '"'; }

// What a run of characters said, escapes undone.
struct Word {
  SearchValue value;
  std::string plain;     // without the escapes a glob keeps
  bool at_sign = false;  // begins with an `@` that was not escaped
  bool escaped = false;  // some character was
};

class SearchParser {
 public:
  explicit SearchParser(std::string_view text) : cursor_(text), size_(text.size()) {}

  base::Result<SearchNode> parse() {
    SearchNode root;
    if (!cursor_.failed() && !cursor_.at_end() && parse_or(root) && !cursor_.at_end()) {
      cursor_.fail("a term, AND, OR or the end");
    }
    if (cursor_.failed()) return cursor_.take_error();
    return root;
  }

 private:
  struct Key {
    std::string name;
    bool attribute = false;
  };

  bool parse_or(SearchNode& out) {
    if (!parse_and(out)) return false;
    while (keyword("OR")) {
      take(2);
      SearchNode right;
      if (!parse_and(right)) return false;
      join(Kind::kOr, out, std::move(right));
    }
    return true;
  }

  bool parse_and(SearchNode& out) {
    if (!parse_unary(out)) return false;
    for (;;) {
      if (cursor_.at_end() || cursor_.peek() == ')' || keyword("OR")) return true;
      if (keyword("AND")) take(3);
      SearchNode right;
      if (!parse_unary(right)) return false;
      join(Kind::kAnd, out, std::move(right));
    }
  }

  bool parse_unary(SearchNode& out) {
    const Nesting nesting(cursor_);
    if (!nesting.ok() || !cursor_.count_node()) return false;
    out.column = Column{cursor_.column()};
    const char first = cursor_.peek();
    if (first == '-' || first == '!' || keyword("NOT")) {
      take(first == '-' || first == '!' ? 1 : 3);
      if (first != 'N' && is_blank(cursor_.peek_raw())) return cursor_.fail("a term right after '-'");
      SearchNode operand;
      if (!parse_unary(operand)) return false;
      out.kind = Kind::kNot;
      out.children.push_back(std::move(operand));
      return true;
    }
    if (first == '(') {
      take(1);
      return parse_or(out) && cursor_.expect(')', "AND, OR or ')'");
    }
    if (keyword("AND") || keyword("OR")) return cursor_.fail(key_ ? "a value" : kExpectedTerm);
    return key_ ? parse_value(out) : parse_term(out);
  }

  bool parse_term(SearchNode& out) {
    const char first = cursor_.peek();
    if (first == '"') {
      out.kind = Kind::kText;
      out.quoted = true;
      if (!read_quoted(out.value.text)) return false;
      if (out.value.text.empty())
        return cursor_.fail_sentence(out.column.value, "expected a phrase between the quotes");
      return true;
    }
    if (first == '#') {
      return cursor_.fail_sentence(out.column.value, "calculated fields (#name) are not supported",
                                   base::ErrorCode::kUnimplemented);
    }
    if (first == '[' || first == '{' || first == ']' || first == '}' || first == '>' || first == '<') {
      return cursor_.fail(kExpectedTerm);
    }
    Word word;
    if (!read_word(word, [](char c) { return c == ':'; })) return false;
    if (cursor_.peek_raw() == '(' && word.plain == "CIDR" && !word.escaped) {
      return cursor_.fail_sentence(out.column.value, "CIDR(…) is not supported", base::ErrorCode::kUnimplemented);
    }
    if (cursor_.peek_raw() == ':') return parse_key_and_value(std::move(word), out);
    if (word.plain.empty()) return cursor_.fail(kExpectedTerm);
    if (word.value.glob && word.value.text == "*") return true;  // everything
    out.kind = Kind::kText;
    out.value = std::move(word.value);
    return true;
  }

  bool parse_key_and_value(Word word, SearchNode& out) {
    Key key{.name = std::move(word.plain), .attribute = word.at_sign};
    if (key.attribute) key.name.erase(0, 1);
    if (key.name.empty()) return cursor_.fail_sentence(out.column.value, "expected a key before ':'");
    if (word.value.glob && key.name != "*") {
      return cursor_.fail_sentence(out.column.value, "expected a key without wildcards; they stand in values");
    }
    take(1);
    key_ = &key;
    const bool parsed = parse_value(out);
    key_ = nullptr;
    return parsed;
  }

  // `key_` is set: what follows is one of its values.
  bool parse_value(SearchNode& out) {
    const char first = cursor_.peek_raw();
    if (ends_word(first) && first != '"' && first != '(') {
      return cursor_.fail_sentence(cursor_position(), "expected a value after '" + printable_key() + ":'");
    }
    if (first == '(') {
      take(1);
      return parse_or(out) && cursor_.expect(')', "AND, OR or ')' after the values");
    }
    out.key = key_->name;
    out.attribute = key_->attribute;
    if (first == '[' || first == '{') return parse_range(out);
    if (first == '>' || first == '<') return parse_comparison(out);
    out.kind = Kind::kTerm;
    if (first == '"') return read_quoted(out.value.text);
    Word word;
    if (!read_word(word, [](char) { return false; })) return false;
    const bool any = word.value.glob && word.value.text.find_first_not_of('*') == std::string::npos;
    out.value = std::move(word.value);
    if (any) become_exists(out);
    return true;
  }

  void become_exists(SearchNode& out) {
    out.value = {};
    out.low = out.high = {};
    out.kind = Kind::kExists;
    if (out.key != "*") return;
    out.kind = Kind::kEverything;
    out.key.clear();
    out.attribute = false;
  }

  bool parse_range(SearchNode& out) {
    out.kind = Kind::kRange;
    const bool low_inclusive = cursor_.peek_raw() == '[';
    take(1);
    if (!read_bound(out.low)) return false;
    if (!keyword("TO")) return cursor_.fail("TO between the ends of the range");
    take(2);
    if (!read_bound(out.high)) return false;
    const char close = cursor_.peek();
    if (close != ']' && close != '}') return cursor_.fail("']' or '}' after the range");
    take(1);
    out.low.inclusive = low_inclusive || out.low.open;
    out.high.inclusive = close == ']' || out.high.open;
    if (out.low.open && out.high.open) become_exists(out);
    return true;
  }

  bool parse_comparison(SearchNode& out) {
    out.kind = Kind::kRange;
    const bool greater = cursor_.peek_raw() == '>';
    take(1);
    const bool or_equal = cursor_.peek_raw() == '=';
    if (or_equal) take(1);
    SearchBound& bound = greater ? out.low : out.high;
    SearchBound& other = greater ? out.high : out.low;
    if (is_blank(cursor_.peek_raw())) return cursor_.fail("a number right after the comparison");
    const uint32_t column = cursor_.column();
    if (!read_bound(bound)) return false;
    if (bound.open) return cursor_.fail_sentence(column, "expected a number after the comparison but found '*'");
    bound.inclusive = or_equal;
    other.open = true;
    return true;
  }

  bool read_bound(SearchBound& bound) {
    if (cursor_.peek() == '"') {
      if (!read_quoted(bound.text)) return false;
    } else {
      Word word;
      if (!read_word(word, [](char c) { return c == ']' || c == '}'; })) return false;
      if (word.plain.empty() || (word.plain == "TO" && !word.escaped)) {
        return cursor_.fail("a number, a text or '*'");
      }
      if (word.value.glob) {
        if (word.value.text != "*")
          return cursor_.fail("the end of a range without wildcards; '*' alone leaves it open");
        bound.open = true;
        return true;
      }
      bound.text = std::move(word.plain);
    }
    if (const auto number = read_search_number(bound.text)) {
      bound.is_number = true;
      bound.has_unit = number->has_unit;
      bound.number = number->value;
    }
    return true;
  }

  // Up to what ends words, or `stops(c)`; skips blanks before it.
  template <typename F>
  bool read_word(Word& word, F stops) {
    const uint32_t begins = cursor_.column();
    word.at_sign = cursor_.peek_raw() == '@';
    for (char c = cursor_.peek_raw(); !ends_here(c) && !stops(c); c = cursor_.peek_raw()) {
      take(1);
      if (c == '\\') {
        if (cursor_.position() == size_) return cursor_.fail("a character after the backslash");
        word.escaped = true;
        c = cursor_.peek_raw();
        take(1);
        if (c == '*' || c == '?' || c == '\\') word.value.text += '\\';
      } else if (c == '*' || c == '?') {
        word.value.glob = true;
      }
      word.value.text += c;
      word.plain += c;
      if (word.plain.size() > kSearchTermBytesMax) return too_long(begins);
    }
    if (!word.value.glob) word.value.text = word.plain;
    return true;
  }

  bool read_quoted(std::string& text) {
    const uint32_t begins = cursor_.column();
    take(1);
    for (;;) {
      if (cursor_.position() == size_) {
        return cursor_.fail_sentence(begins, "expected a closing quote for the phrase that begins here");
      }
      char c = cursor_.peek_raw();
      take(1);
      if (c == '"') return true;
      if (c == '\\' && cursor_.position() < size_) {
        c = cursor_.peek_raw();
        take(1);
      }
      text += c;
      if (text.size() > kSearchTermBytesMax) return too_long(begins);
    }
  }

  // A zero byte in the middle of the text is a character like others.
  bool ends_here(char c) const { return c == '\0' ? cursor_.position() == size_ : ends_word(c); }
  bool too_long(uint32_t column) {
    return cursor_.fail_sentence(column, "a word longer than " + std::to_string(kSearchTermBytesMax) + " bytes",
                                 base::ErrorCode::kTooLarge);
  }
  uint32_t cursor_position() const { return static_cast<uint32_t>(cursor_.position() + 1); }
  void take(size_t bytes) { cursor_.rewind(cursor_.position() + bytes); }

  std::string printable_key() const {
    std::string text = key_->attribute ? "@" : "";
    for (const char c : key_->name.substr(0, 40)) text += c >= 0x20 && c < 0x7f ? c : '?';
    return text;
  }

  // The next thing is the word `name`, in capitals as operators are.
  bool keyword(std::string_view name) {
    cursor_.skip_space();
    for (size_t i = 0; i < name.size(); ++i) {
      if (cursor_.peek_raw(i) != name[i]) return false;
    }
    return ends_word(cursor_.peek_raw(name.size()));
  }

  static void join(Kind kind, SearchNode& left, SearchNode right) {
    if (kind == Kind::kAnd && right.kind == Kind::kEverything) return;
    if (kind == Kind::kAnd && left.kind == Kind::kEverything) {
      left = std::move(right);
      return;
    }
    if (left.kind != kind) {
      SearchNode only = std::exchange(left, SearchNode{});
      left.kind = kind;
      left.column = only.column;
      left.children.push_back(std::move(only));
    }
    if (right.kind != kind) {
      left.children.push_back(std::move(right));
      return;
    }
    for (SearchNode& child : right.children) left.children.push_back(std::move(child));
  }

  Cursor cursor_;
  const size_t size_;
  const Key* key_ = nullptr;
};

}  // namespace

bool operator==(const SearchNode& a, const SearchNode& b) {
  return a.kind == b.kind && a.attribute == b.attribute && a.key == b.key && a.value == b.value &&
         a.quoted == b.quoted && a.low == b.low && a.high == b.high && a.children == b.children;
}

base::Result<SearchNode> parse_search(std::string_view text) { return SearchParser(text).parse(); }

bool search_glob_matches(std::string_view pattern, std::string_view value) {
  size_t p = 0;
  size_t v = 0;
  size_t star = std::string_view::npos;
  size_t star_value = 0;
  while (v < value.size()) {
    const bool wild = p < pattern.size() && (pattern[p] == '*' || pattern[p] == '?');
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (wild && pattern[p] == '*') {
      star = p++;
      star_value = v;
    } else if (p < pattern.size() && (wild || pattern[p + (escaped ? 1 : 0)] == value[v])) {
      p += escaped ? 2 : 1;
      // `?` is one character, not one byte.
      ++v;
      while (wild && v < value.size() && (static_cast<unsigned char>(value[v]) & 0xc0) == 0x80) ++v;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      v = ++star_value;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace godseye::lang
