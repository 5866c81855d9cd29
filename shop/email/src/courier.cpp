#include "courier.h"

namespace vcommerce::email {

base::Status Courier::deliver(const QueuedMail& mail) {
  const base::Status sent = sender_.send(from_, mail.to, mail.message);
  if (sent) {
    observer_.sent(mail);
    return queue_.sent(mail.key);
  }
  const bool for_good = sent.error().code() == base::ErrorCode::kInvalidArgument;
  base::Result<bool> ended = queue_.failed(mail.key, sent.error().message(), for_good);
  if (!ended) return std::move(ended).error();
  observer_.failed(mail, for_good ? "permanent" : *ended ? "given_up" : "temporary", sent.error().message());
  return base::ok();
}

}  // namespace vcommerce::email
