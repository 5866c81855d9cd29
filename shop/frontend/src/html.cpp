#include "html.h"

#include <godseye/base/html_text.h>
#include <godseye/base/json_text.h>

namespace vcommerce::frontend {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

void append_escaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const size_t size = godseye::base::utf8_length(text);
    const char c = text.front();
    if (size == 0 || (size == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
      out += kReplacement;
    } else if (const std::string_view entity = godseye::base::html_entity(c); !entity.empty()) {
      out += entity;
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

void Html::put(std::string_view text) { append_escaped(text, out_); }

}  // namespace vcommerce::frontend
