#pragma once

#include <cstdint>
#include <memory>

#include <godseye/base/result.h>
#include <godseye/sdk/analytics.h>
#include <godseye/sdk/block_list.h>
#include <godseye/sdk/log.h>
#include <godseye/sdk/metrics.h>
#include <godseye/sdk/propagation.h>
#include <godseye/sdk/settings.h>
#include <godseye/sdk/trace.h>

// Everything a C++ service needs to be seen by Godseye or a Datadog Agent, in one object that the program owns.
//
//   auto sdk = sdk::Sdk::start({.service = "checkout", .env = "prod"});
//   if (!sdk) return complain(sdk.error());
//   (*sdk)->metrics().count("checkout.started", 1);
//
// Threads of its own: one for datagrams and log lines, one for HTTP, one for the block list; none before start(), none
// after the destructor, which gives what is left `Settings::shutdown_wait`. Metrics, tracer, log and the others may be
// copied and used after the SDK ended: they then do nothing. One process may hold several.
namespace godseye::sdk {

// What the host wanted to say and nobody will hear, since the start.
struct Losses {
  uint64_t metrics = 0;         // lines that did not fit, or were not numbers; OTLP: also points that were refused
  uint64_t metric_packets = 0;  // datagrams that the system refused
  uint64_t spans = 0;           // beyond the limits
  uint64_t spans_unsent = 0;    // the Agent (or receiver) refused them
  uint64_t logs = 0;
  uint64_t events = 0;
};

class SdkCore;

class Sdk {
 public:
  // kInvalidArgument names the setting that is wrong. An Agent that is not there is no error: it may come.
  // `log_descriptor`: where log lines go; it is not closed. -1: nowhere.
  static base::Result<std::unique_ptr<Sdk>> start(Settings settings, int log_descriptor = 1);
  ~Sdk();

  Metrics& metrics();
  Tracer& tracer();
  Log& log();
  Analytics& analytics();
  BlockList& blocks();
  Losses losses() const;
  // Sends what is there; returns when it was taken or refused, or after `wait`. For tests and the end of short
  // programs.
  bool flush(std::chrono::milliseconds wait);

 private:
  explicit Sdk(std::unique_ptr<SdkCore> core);
  std::unique_ptr<SdkCore> core_;
};

}  // namespace godseye::sdk
