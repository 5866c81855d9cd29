#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

// HTML that cannot forget to escape. What stands between quotes in the source with `_h` behind it is markup; everything
// else is text, whatever it holds:
//
//   Html html;
//   html("<h1 title=\""_h, product.name, "\">"_h, product.name, "</h1>"_h);
//
// Text is escaped for elements and for attributes in quotes (always write the quotes). It is no protection inside of
// <script>, <style> or an address that someone else chose: there are none here.
namespace vcommerce::frontend {

// Text of the program itself: can only be made from a literal, by the compiler.
class Markup {
 public:
  consteval Markup(const char* text, size_t size) : text_(text, size) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

consteval Markup operator""_h(const char* text, size_t size) { return {text, size}; }

class Html {
 public:
  template <typename... Parts>
  Html& operator()(const Parts&... parts) {
    (put(parts), ...);
    return *this;
  }
  const std::string& text() const { return out_; }
  std::string take() && { return std::move(out_); }
  bool empty() const { return out_.empty(); }

 private:
  void put(Markup markup) { out_ += markup.text(); }
  void put(const Html& html) { out_ += html.out_; }
  void put(std::string_view text);
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const char* text) { put(std::string_view(text)); }
  void put(std::integral auto number) { out_ += std::to_string(number); }
  void put(bool) = delete;
  void put(char) = delete;

  std::string out_;
};

// & < > " ' become entities; control characters but tab and line feed, and bytes that are not UTF-8, U+FFFD.
void append_escaped(std::string_view text, std::string& out);

}  // namespace vcommerce::frontend
