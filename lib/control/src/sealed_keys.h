#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// How the text of a provider's key gets from a server to a gateway that runs alone: sealed (X25519, XSalsa20-Poly1305)
// for a key pair that the gateway draws at its start and never writes down. Whoever records the traffic, or finds it in
// a log, has nothing.
namespace godseye::control {

class SealingPair {
 public:
  SealingPair();
  ~SealingPair();
  SealingPair(const SealingPair&) = delete;
  SealingPair& operator=(const SealingPair&) = delete;

  const std::string& public_key() const { return public_text_; }  // 64 hexadecimal digits
  // kCorrupt: sealed for somebody else, or damaged.
  base::Result<std::string> open(std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> public_{};
  std::array<unsigned char, 32> secret_{};
  std::string public_text_;
};

// `text` for the pair with that public key, as hexadecimal digits. kInvalidArgument: it is no public key.
base::Result<std::string> seal_for(std::string_view public_key, std::string_view text);

}  // namespace godseye::control
