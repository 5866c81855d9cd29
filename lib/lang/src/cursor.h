#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Where a parser stands in its text. The first error sticks: parsing functions return false from there on and the
// caller takes the error at the end, so that a recursive-descent parser reads like its grammar. Counts nodes and depth,
// which is what bounds memory and recursion for any input.
namespace godseye::lang {

class Cursor {
 public:
  // Fails at once when the text is too long or not UTF-8.
  explicit Cursor(std::string_view text);

  bool failed() const { return error_.has_value(); }
  base::Error take_error() { return std::move(*error_); }

  void skip_space();
  bool at_end();                          // after spaces
  char peek();                            // after spaces; '\0' at the end
  char peek_raw(size_t ahead = 0) const;  // without skipping
  uint32_t column();                      // of the next thing after spaces
  size_t position() const { return at_; }
  void rewind(size_t position) { at_ = position; }

  bool accept(char c);
  // Consumes `c` or fails with `expected` (default: the character itself).
  bool expect(char c, std::string_view expected = {});
  // [A-Za-z_][A-Za-z0-9_]* with dots where `dots`; empty if there is none.
  std::string_view word(bool dots = true);
  // Letters, digits, underscores in any order; empty if there is none.
  std::string_view alphanumeric();
  // As long as `stays(c)`.
  template <typename F>
  std::string_view run(F stays) {
    skip_space();
    const size_t begin = at_;
    while (at_ < text_.size() && stays(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  // An unsigned decimal number, `1`, `1.5`, `.5`, `1e-3`; nothing (and no failure) if the next thing is none.
  std::optional<double> number();
  // A quoted string of at most 200 bytes, single or double quotes, no escapes; nothing if the next thing is no quote.
  std::optional<std::string_view> quoted();

  // Always false. `column N: expected <expected> but found <what is there>`.
  bool fail(std::string_view expected);
  bool fail_at(uint32_t column, std::string_view expected, std::string_view found);
  // Always false. `column N: <sentence>`.
  bool fail_sentence(uint32_t column, std::string_view sentence,
                     base::ErrorCode code = base::ErrorCode::kInvalidArgument);

  bool count_node();  // fails beyond kQueryNodesMax
  bool enter();       // fails beyond kQueryDepthMax; pair with leave()
  void leave() { --depth_; }

 private:
  std::string describe_here();

  std::string_view text_;
  size_t at_ = 0;
  size_t nodes_ = 0;
  size_t depth_ = 0;
  std::optional<base::Error> error_;
};

// Leaves the depth it entered.
class Nesting {
 public:
  explicit Nesting(Cursor& cursor) : cursor_(cursor), ok_(cursor.enter()) {}
  ~Nesting() { cursor_.leave(); }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  bool ok() const { return ok_; }

 private:
  Cursor& cursor_;
  bool ok_;
};

bool equals_ignoring_case(std::string_view a, std::string_view lower_b);

}  // namespace godseye::lang
