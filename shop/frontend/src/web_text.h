#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// What browsers send as text: addresses, queries, forms, cookies. Pure; bounded; what cannot be read is an error that
// names the field, never a guess.
namespace vcommerce::frontend {

inline constexpr size_t kPathBytesMax = 256;
inline constexpr size_t kQueryBytesMax = 2'048;
inline constexpr size_t kFieldsMax = 64;
inline constexpr size_t kFieldBytesMax = 4'096;
inline constexpr size_t kCookiesMax = 32;

// Names and values of a query or a form, in their order.
class Fields {
 public:
  // `a=b&c=d`, with + and %XX. kInvalidArgument names the field: not UTF-8, a control character other than line feed, a
  // bad escape, longer than kFieldBytesMax. kTooLarge: more than kFieldsMax.
  static base::Result<Fields> parse(std::string_view text);

  // The first of that name; empty when there is none.
  std::string_view get(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  const std::vector<std::pair<std::string, std::string>>& list() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The path of a request's target, decoded. kInvalidArgument: what could be another path in disguise (`..`, `//`, a
// backslash, an encoded slash, control characters), a bad escape, not UTF-8; kTooLarge: beyond kPathBytesMax.
base::Result<std::string> decoded_path(std::string_view raw);

// Everything but letters, digits and -._~ as %XX.
std::string encoded(std::string_view text);
// "/search", {{"q","a b"}} → "/search?q=a%20b". Empty values are left out.
std::string address(std::string_view path, const std::vector<std::pair<std::string, std::string>>& query);
// A place in this shop to go to: begins with one slash, holds nothing that a browser could take for another host.
bool is_own_address(std::string_view address);

// The value of the cookie `name`; of several the first, as browsers order them: the most specific.
std::optional<std::string_view> cookie(std::string_view header, std::string_view name);

// Whether a Content-Type is `type` (lower case: "application/json"), whatever parameters and letters it is written
// with.
bool is_media_type(std::string_view header, std::string_view type);

// 8–64 letters, digits, - and _: of sessions and idempotency keys.
bool is_token(std::string_view text);
// A whole number in [min, max]; kInvalidArgument names `field`.
base::Result<int> whole(std::string_view field, std::string_view text, int min, int max);
bool is_utf8_text(std::string_view text);

}  // namespace vcommerce::frontend
