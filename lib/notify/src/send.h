#pragma once

#include <span>
#include <string>

#include <godseye/notify/channel.h>
#include <godseye/notify/transport.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>

// One message of one channel: rendered, sent, judged. No state.
namespace godseye::notify {

struct SendContext {
  Transport& transport;
  const registry::ChannelRow& channel;
  const Secrets& secrets;
  int64_t now_s = 0;
  std::chrono::milliseconds timeout{15'000};
};

enum class Verdict : uint8_t {
  kTaken,
  kAgain,    // a retry may help, and the channel is to blame
  kRefused,  // for good
  kStopped,  // the process ends: it did not happen
};

struct SendResult {
  Verdict verdict = Verdict::kRefused;
  int status = 0;
  std::string error;   // masked; empty when taken
  std::string answer;  // masked
  std::chrono::seconds retry_after{0};
  bool address_refused = false;
};

// `rows` of one channel and one target; more than one for kinds that people read only.
SendResult send_message(const SendContext& context, std::span<const registry::DeliveryRow> rows);

}  // namespace godseye::notify
