#include "scope_parser.h"

#include <utility>

// Grammar (spec queries.md 1.1). One grammar reads both forms; which of them was used is noted, and using both fails:
//   or    := and (OR and)*
//   and   := unary ((AND | ',') unary)*
//   unary := NOT unary | '!' tag | '(' or ')' | '*' | tag | key [NOT] IN '(' value (',' value)* ')'
namespace godseye::lang {
namespace {

constexpr std::string_view kExpectedTag = "a tag such as env:prod, or '*'";

bool is_tag_byte(char c) {
  if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  return c != ',' && c != '!' && c != '(' && c != ')' && c != '{' && c != '}' && c != '\'' && c != '"';
}

class ScopeParser {
 public:
  explicit ScopeParser(Cursor& cursor) : cursor_(cursor) {}

  bool parse_or(Scope& out) {
    if (!parse_and(out)) return false;
    while (next_keyword_is("or")) {
      if (!note_functional()) return false;
      take_word();
      Scope right;
      if (!parse_and(right)) return false;
      join(Scope::Kind::kOr, out, std::move(right));
    }
    return true;
  }

 private:
  bool parse_and(Scope& out) {
    if (!parse_unary(out)) return false;
    for (;;) {
      if (cursor_.peek() == ',') {
        if (!note_symbolic()) return false;
        cursor_.accept(',');
      } else if (next_keyword_is("and")) {
        if (!note_functional()) return false;
        take_word();
      } else {
        return true;
      }
      Scope right;
      if (!parse_unary(right)) return false;
      join(Scope::Kind::kAnd, out, std::move(right));
    }
  }

  bool parse_unary(Scope& out) {
    const Nesting nesting(cursor_);
    if (!nesting.ok() || !cursor_.count_node()) return false;
    out.column = Column{cursor_.column()};
    if (cursor_.peek() == '!') {
      if (!note_symbolic()) return false;
      cursor_.accept('!');
      Scope tag;
      if (!parse_tag(tag)) return false;
      return negate(out, std::move(tag));
    }
    if (cursor_.peek() == '(') {
      if (!note_functional()) return false;
      cursor_.accept('(');
      return parse_or(out) && cursor_.expect(')', "AND, OR or ')'");
    }
    if (next_keyword_is("not")) {
      if (!note_functional()) return false;
      take_word();
      Scope operand;
      if (!parse_unary(operand)) return false;
      return negate(out, std::move(operand));
    }
    return parse_tag_or_in(out);
  }

  bool negate(Scope& out, Scope operand) {
    out.kind = Scope::Kind::kNot;
    out.children.push_back(std::move(operand));
    return true;
  }

  bool parse_tag_or_in(Scope& out) {
    if (!parse_tag(out)) return false;
    const size_t before = cursor_.position();
    bool negated = false;
    if (next_keyword_is("not")) {
      take_word();
      negated = true;
    }
    if (!next_keyword_is("in")) {
      cursor_.rewind(before);
      return true;
    }
    if (!note_functional()) return false;
    if (out.kind != Scope::Kind::kTag || !out.key.empty()) {
      return cursor_.fail_sentence(out.column.value, "expected a tag key without a value before IN");
    }
    take_word();
    out.kind = Scope::Kind::kIn;
    out.key = std::exchange(out.value, {});
    if (!parse_values(out)) return false;
    if (negated) {
      Scope in = std::exchange(out, Scope{});
      out.column = in.column;
      return negate(out, std::move(in));
    }
    return true;
  }

  bool parse_values(Scope& in) {
    if (!cursor_.expect('(')) return false;
    do {
      const std::string_view value = take_word();
      if (value.empty()) return cursor_.fail("a tag value");
      if (in.values.size() == kScopeValuesMax) {
        return cursor_.fail_sentence(cursor_.column(),
                                     "IN has more than " + std::to_string(kScopeValuesMax) + " values",
                                     base::ErrorCode::kTooLarge);
      }
      in.values.emplace_back(value);
    } while (cursor_.accept(','));
    return cursor_.expect(')', "',' or ')'");
  }

  bool parse_tag(Scope& out) {
    const uint32_t column = cursor_.column();
    if (next_keyword_is("and") || next_keyword_is("or") || next_keyword_is("in") || next_keyword_is("not")) {
      return cursor_.fail(kExpectedTag);
    }
    const std::string_view word = take_word();
    if (word.empty()) return cursor_.fail(kExpectedTag);
    out.column = Column{column};
    if (word == "*") {
      out.kind = Scope::Kind::kEverything;
      return true;
    }
    if (word.front() == '$') {
      return cursor_.fail_sentence(column,
                                   "expected a tag but found a template variable, which only a dashboard can fill in");
    }
    out.kind = Scope::Kind::kTag;
    const size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
      out.value = word;
      return true;
    }
    out.key = word.substr(0, colon);
    out.value = word.substr(colon + 1);
    if (out.key.empty()) return cursor_.fail_sentence(column, "expected a tag key before ':'");
    if (out.key.find('*') != std::string::npos) {
      return cursor_.fail_sentence(column, "expected a tag key without '*'; wildcards stand in values");
    }
    if (out.value.empty()) {
      return cursor_.fail_sentence(column + static_cast<uint32_t>(word.size()),
                                   "expected a value after '" + out.key + ":'; '*' stands for any");
    }
    return true;
  }

  // Keeps the normal form: no And in And, no Or in Or, no everything in And.
  static void join(Scope::Kind kind, Scope& left, Scope right) {
    if (kind == Scope::Kind::kAnd && right.kind == Scope::Kind::kEverything) return;
    if (kind == Scope::Kind::kAnd && left.kind == Scope::Kind::kEverything) {
      left = std::move(right);
      return;
    }
    if (left.kind != kind) {
      Scope parent;
      parent.kind = kind;
      parent.column = left.column;
      parent.children.push_back(std::move(left));
      left = std::move(parent);
    }
    if (right.kind == kind) {
      for (Scope& child : right.children) left.children.push_back(std::move(child));
    } else {
      left.children.push_back(std::move(right));
    }
  }

  std::string_view take_word() { return cursor_.run(is_tag_byte); }

  bool next_keyword_is(std::string_view lower) {
    const size_t before = cursor_.position();
    const bool found = equals_ignoring_case(take_word(), lower);
    cursor_.rewind(before);
    return found;
  }

  bool note_symbolic() {
    symbolic_ = true;
    return functional_ ? fail_mixed() : true;
  }
  bool note_functional() {
    functional_ = true;
    return symbolic_ ? fail_mixed() : true;
  }
  bool fail_mixed() {
    return cursor_.fail_sentence(
        cursor_.column(), "expected either ',' and '!' or AND, OR, NOT, IN and parentheses in one scope, not both");
  }

  Cursor& cursor_;
  bool symbolic_ = false;
  bool functional_ = false;
};

}  // namespace

bool parse_scope(Cursor& cursor, Scope& scope) { return ScopeParser(cursor).parse_or(scope); }

std::string_view tag_key(Cursor& cursor) {
  return cursor.run([](char c) { return is_tag_byte(c) && c != ':' && c != '*' && c != '$'; });
}

}  // namespace godseye::lang
