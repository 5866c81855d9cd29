#include "smtp_session.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Any bytes from the network, in two parts: the answer must not depend on where they were cut.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using vcommerce::email::ReceivedMail;
  using vcommerce::email::SmtpSession;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto check = [](const ReceivedMail& mail) {
    if (mail.message.size() > SmtpSession::kMessageMax || mail.to.size() > SmtpSession::kRecipientsMax) std::abort();
    return true;
  };
  SmtpSession whole(check);
  SmtpSession parts(check);
  const size_t cut = size == 0 ? 0 : data[0] % size;
  const std::string once = whole.on_bytes(bytes);
  std::string twice = parts.on_bytes(bytes.substr(0, cut));
  twice += parts.on_bytes(bytes.substr(cut));
  if (once != twice) std::abort();
  return 0;
}
