#include "sealed_keys.h"

#include <vector>

#include <sodium.h>

namespace godseye::control {

using base::Error;
using base::ErrorCode;

namespace {

static_assert(crypto_box_PUBLICKEYBYTES == 32 && crypto_box_SECRETKEYBYTES == 32);

std::string hex_of(const unsigned char* bytes, size_t size) {
  std::string out(size * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes, size);
  out.pop_back();
  return out;
}

// Empty when `text` is not hexadecimal.
std::vector<unsigned char> bytes_of(std::string_view text) {
  std::vector<unsigned char> out(text.size() / 2);
  size_t size = 0;
  const char* end = nullptr;
  if (text.size() % 2 != 0 ||
      sodium_hex2bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end) != 0 ||
      end != text.data() + text.size()) {
    return {};
  }
  return out;
}

}  // namespace

SealingPair::SealingPair() {
  (void)sodium_init();
  crypto_box_keypair(public_.data(), secret_.data());
  public_text_ = hex_of(public_.data(), public_.size());
}

SealingPair::~SealingPair() { sodium_memzero(secret_.data(), secret_.size()); }

base::Result<std::string> SealingPair::open(std::string_view sealed) const {
  const std::vector<unsigned char> bytes = bytes_of(sealed);
  if (bytes.size() < crypto_box_SEALBYTES) return Error(ErrorCode::kCorrupt, "a sealed key is damaged");
  std::string text(bytes.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), bytes.size(), public_.data(),
                           secret_.data()) != 0) {
    return Error(ErrorCode::kCorrupt, "a sealed key is damaged, or sealed for another gateway");
  }
  return text;
}

base::Result<std::string> seal_for(std::string_view public_key, std::string_view text) {
  if (sodium_init() < 0) return Error(ErrorCode::kUnavailable, "no random numbers to seal with");
  const std::vector<unsigned char> key = bytes_of(public_key);
  if (key.size() != crypto_box_PUBLICKEYBYTES) {
    return Error(ErrorCode::kInvalidArgument, "public_key: expected 64 hexadecimal digits");
  }
  std::vector<unsigned char> sealed(text.size() + crypto_box_SEALBYTES);
  if (crypto_box_seal(sealed.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data()) !=
      0) {
    return Error(ErrorCode::kInvalidArgument, "public_key: nothing can be sealed for it");
  }
  return hex_of(sealed.data(), sealed.size());
}

}  // namespace godseye::control
