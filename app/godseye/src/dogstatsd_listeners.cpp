#include "dogstatsd_listeners.h"

namespace godseye::app {

base::Status DogstatsdListeners::start(const Settings& settings, pipeline::Aggregator& aggregator,
                                       const base::Clock& clock, ContainerFinder* containers) {
  const auto take = [&aggregator, clock](std::span<const std::string_view> packets) {
    aggregator.add_packets(packets, clock.wall());
  };
  std::function<void(int64_t, std::span<const std::string_view>)> by_sender;
  if (containers != nullptr) {
    by_sender = [&aggregator, clock, containers](int64_t process, std::span<const std::string_view> packets) {
      aggregator.add_packets(packets, clock.wall(), containers->of_process(process));
    };
  }
  const auto open = [&](const net::ListenAddress& address, std::string_view setting,
                        std::unique_ptr<net::DatagramReceiver>& into) -> base::Status {
    auto receiver = net::DatagramReceiver::start({.address = address, .by_sender = by_sender}, take);
    if (!receiver) return std::move(receiver).error().within(std::string(setting));
    into = *std::move(receiver);
    return base::ok();
  };
  if (settings.dogstatsd) {
    if (base::Status opened = open(*settings.dogstatsd, "dogstatsd", udp_); !opened) return opened;
  }
  const auto unix_address = [](const std::string& path) {
    return net::ListenAddress{.family = net::ListenAddress::Family::kUnix, .path = path};
  };
  if (!settings.dogstatsd_socket.empty()) {
    const net::ListenAddress address = unix_address(settings.dogstatsd_socket);
    if (base::Status opened = open(address, "dogstatsd-socket", socket_); !opened) return opened;
  }
  if (!settings.dogstatsd_stream_socket.empty()) {
    auto receiver = net::FramedReceiver::start(
        {.address = unix_address(settings.dogstatsd_stream_socket), .by_sender = by_sender}, take);
    if (!receiver) return std::move(receiver).error().within("dogstatsd-stream-socket");
    stream_ = *std::move(receiver);
  }
  return base::ok();
}

void DogstatsdListeners::stop() {
  if (udp_) udp_->stop();
  if (socket_) socket_->stop();
  if (stream_) stream_->stop();
}

DogstatsdStats DogstatsdListeners::stats() const {
  DogstatsdStats out;
  for (const auto* receiver : {&udp_, &socket_}) {
    if (!*receiver) continue;
    const net::DatagramReceiverStats stats = (*receiver)->stats();
    out.dropped_by_kernel += stats.dropped_by_kernel;
    out.truncated += stats.truncated;
  }
  if (stream_) {
    const net::FramedReceiverStats stats = stream_->stats();
    out.connections_refused = stats.connections_refused;
    out.broken_frames = stats.broken_frames;
  }
  return out;
}

std::string DogstatsdListeners::text() const {
  std::string out;
  if (udp_) out += " dogstatsd=" + udp_->address().text();
  if (socket_) out += " dogstatsd-socket=" + socket_->address().text();
  if (stream_) out += " dogstatsd-stream-socket=" + stream_->address().text();
  return out;
}

}  // namespace godseye::app
