#include <algorithm>
#include <array>

#include <godseye/base/hash.h>
#include <godseye/base/json_text.h>

#include <sys/random.h>
#include <vcommerce/orders/checks.h>

namespace vcommerce {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

Error wrong(std::string_view field, const std::string& what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": " + what};
}

bool id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.:/@").find(c) != std::string_view::npos;
}

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return out;
}

}  // namespace

base::Status check_id(std::string_view id, std::string_view field, size_t bytes_max) {
  if (id.empty()) return wrong(field, "is missing");
  if (id.size() > bytes_max) return wrong(field, "has more than " + std::to_string(bytes_max) + " characters");
  if (!std::all_of(id.begin(), id.end(), id_character)) {
    return wrong(field, "may hold letters, digits and - _ . : / @ only");
  }
  return base::ok();
}

base::Status check_text(std::string_view text, std::string_view field, size_t bytes_max, bool empty_allowed) {
  if (text.empty()) return empty_allowed ? base::ok() : base::Status(wrong(field, "is missing"));
  if (text.size() > bytes_max) return wrong(field, "has more than " + std::to_string(bytes_max) + " bytes");
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = base::utf8_length(rest);
    if (length == 0) return wrong(field, "is not UTF-8");
    const auto first = static_cast<unsigned char>(rest[0]);
    const bool c1_control = length == 2 && first == 0xc2 && static_cast<unsigned char>(rest[1]) < 0xa0;
    if (first < 0x20 || first == 0x7f || c1_control) return wrong(field, "holds a control character");
    rest.remove_prefix(length);
  }
  return base::ok();
}

std::string random_id(std::string_view prefix) {
  std::array<char, 16> bytes{};
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got > 0) filled += static_cast<size_t>(got);
  }
  return std::string(prefix) + hexadecimal({bytes.data(), bytes.size()});
}

std::string fingerprint(std::string_view text) {
  uint64_t hash = base::hash64(text);
  std::array<char, 8> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(hash >> 56);
    hash <<= 8;
  }
  return hexadecimal({bytes.data(), bytes.size()});
}

}  // namespace vcommerce
