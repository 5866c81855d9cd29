#include "seals.h"

#include <godseye/base/assert.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

namespace vcommerce::frontend {
namespace {

constexpr size_t kSealBytes = 16;

std::string hex(const unsigned char* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < size; ++i) out += {kDigits[bytes[i] >> 4], kDigits[bytes[i] & 15]};
  return out;
}

}  // namespace

Seals::Seals(std::string key) : key_(key.empty() ? random() + random() : std::move(key)) {}

std::string Seals::seal(std::string_view purpose, std::string_view text) const {
  // The purpose has no line feed: no two pairs give the same bytes.
  const std::string bytes = std::string(purpose) + '\n' + std::string(text);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
  GE_ASSERT(made != nullptr && size >= kSealBytes, "HMAC over memory cannot fail");
  return hex(digest, kSealBytes);
}

bool Seals::holds(std::string_view purpose, std::string_view text, std::string_view given) const {
  const std::string right = seal(purpose, text);
  return given.size() == right.size() && CRYPTO_memcmp(given.data(), right.data(), right.size()) == 0;
}

std::string Seals::random() {
  unsigned char bytes[kSealBytes];
  size_t have = 0;
  while (have < sizeof bytes) {
    const ssize_t count = ::getrandom(bytes + have, sizeof bytes - have, 0);
    if (count > 0) have += static_cast<size_t>(count);
  }
  return hex(bytes, sizeof bytes);
}

}  // namespace vcommerce::frontend
