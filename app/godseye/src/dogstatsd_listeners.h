#pragma once

#include "container_finder.h"
#include "settings.h"

#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/net/datagram_receiver.h>
#include <godseye/net/framed_receiver.h>
#include <godseye/pipeline/aggregator.h>

namespace godseye::app {

struct DogstatsdStats {
  uint64_t dropped_by_kernel = 0;
  uint64_t truncated = 0;
  uint64_t connections_refused = 0;  // of the stream socket
  uint64_t broken_frames = 0;
};

// The ways by which DogStatsD packets come in: UDP, a Unix datagram socket, a Unix stream socket; each with a thread of
// its own, all into one aggregator. Threads: `start` and `stop` from one thread, `stats` from any.
class DogstatsdListeners {
 public:
  // Those that `settings` asks for. `aggregator` and `containers` (may be null: senders are not looked up) must outlive
  // this object.
  base::Status start(const Settings& settings, pipeline::Aggregator& aggregator, const base::Clock& clock,
                     ContainerFinder* containers = nullptr);
  // Takes what has arrived, then ends.
  void stop();

  DogstatsdStats stats() const;
  // Of UDP, as bound; 0: none.
  uint16_t port() const { return udp_ ? udp_->address().port : 0; }
  // " dogstatsd=127.0.0.1:8125 dogstatsd-socket=unix:/run/dsd.socket"; "" when there is none.
  std::string text() const;

 private:
  std::unique_ptr<net::DatagramReceiver> udp_;
  std::unique_ptr<net::DatagramReceiver> socket_;
  std::unique_ptr<net::FramedReceiver> stream_;
};

}  // namespace godseye::app
