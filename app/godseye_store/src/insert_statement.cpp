#include "insert_statement.h"

#include <algorithm>
#include <cctype>

namespace godseye::engine {

namespace {

bool is_word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool equals_word(std::string_view word, std::string_view upper) {
  return std::equal(word.begin(), word.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
}

// Walks over SQL text token by token; strings, quoted names and comments are one token each.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The next token, empty at the end. Words come whole, everything else but quoted text byte by byte.
  std::string_view next() {
    skip_blank();
    token_begin_ = at_;
    if (at_ >= text_.size()) return {};
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') {
      skip_quoted(c);
    } else if (is_word_byte(c)) {
      while (at_ < text_.size() && is_word_byte(text_[at_])) ++at_;
    } else {
      ++at_;
    }
    return text_.substr(token_begin_, at_ - token_begin_);
  }
  size_t token_begin() const { return token_begin_; }
  size_t position() const { return at_; }

 private:
  void skip_blank() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else if (text_.substr(at_, 2) == "--") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }
  void skip_quoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == quote) {
        break;
      }
    }
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t token_begin_ = 0;
};

// After `FORMAT Name` the data starts behind blanks up to and including the first line break.
size_t data_start(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')) ++at;
  if (at < text.size() && text[at] == '\n') ++at;
  return at;
}

}  // namespace

std::optional<InsertStatement> split_insert(std::string_view text) {
  Scanner scanner(text);
  if (!equals_word(scanner.next(), "INSERT") || !equals_word(scanner.next(), "INTO")) return std::nullopt;
  int depth = 0;
  for (std::string_view token = scanner.next(); !token.empty(); token = scanner.next()) {
    if (token == "(") ++depth;
    if (token == ")") --depth;
    if (depth != 0) continue;
    if (token == ";") return InsertStatement{std::string(text.substr(0, scanner.token_begin())), "Values", text.size()};
    if (equals_word(token, "SELECT") || equals_word(token, "WITH") || equals_word(token, "WATCH")) return std::nullopt;
    if (equals_word(token, "VALUES")) {
      return InsertStatement{std::string(text.substr(0, scanner.token_begin())), "Values", scanner.position()};
    }
    if (equals_word(token, "FORMAT")) {
      InsertStatement statement{std::string(text.substr(0, scanner.token_begin())), {}, 0};
      statement.format = std::string(scanner.next());
      if (!is_identifier(statement.format)) return std::nullopt;
      statement.data_begin = data_start(text, scanner.position());
      return statement;
    }
  }
  return InsertStatement{std::string(text), "Values", text.size()};
}

std::string sql_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
  return out;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), is_word_byte);
}

}  // namespace godseye::engine
