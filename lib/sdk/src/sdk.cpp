#include "block_watch.h"
#include "datagram_socket.h"
#include "log_buffer.h"
#include "metric_buffer.h"
#include "otlp_sender.h"
#include "sender.h"

#include <atomic>
#include <cstdio>
#include <random>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/sdk/sdk.h>

#include <pthread.h>
#include <unistd.h>

namespace godseye::sdk {
namespace {

using base::Error;
using base::ErrorCode;
using base::MutexLock;
using base::Result;

// What fits into an Ethernet frame, and what the Agent reads at once, where there is no frame.
constexpr size_t kFramePacketBytes = 1432;
constexpr size_t kLocalPacketBytes = 8192;
constexpr std::chrono::milliseconds kFullSocketWait{50};
constexpr std::chrono::milliseconds kReconnectFirst{200};
constexpr std::chrono::milliseconds kReconnectMost{5'000};

std::string random_uuid() {
  std::random_device device;
  char out[40];
  std::snprintf(out, sizeof out, "%08x-%04x-4%03x-%04x-%08x%04x", device(), device() & 0xffff, device() & 0xfff,
                0x8000 | (device() & 0x3fff), device(), device() & 0xffff);
  return out;
}

std::vector<std::string> constant_tags(const Settings& settings) {
  if (settings.metrics == Exporter::kOtlp) return {};  // there they belong to the resource
  std::vector<std::string> tags = settings.tags;
  tags.push_back("service:" + settings.service);
  if (!settings.env.empty()) tags.push_back("env:" + settings.env);
  if (!settings.version.empty()) tags.push_back("version:" + settings.version);
  return tags;
}

size_t packet_bytes(const Address& statsd) {
  const bool local =
      statsd.scheme == "unix" || statsd.host == "localhost" || statsd.host == "::1" || statsd.host.starts_with("127.");
  return local ? kLocalPacketBytes : kFramePacketBytes;
}

ProcessFacts process_facts() {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return {.process_id = static_cast<int>(::getpid()), .runtime_id = random_uuid(), .host = host};
}

// Where everything goes: addresses that were taken apart.
struct Targets {
  Address statsd;
  Address agent;
  std::optional<Address> api;
  OtlpTargets otlp;
};

// At most 15 characters.
void name_this_thread(const char* name) { ::pthread_setname_np(::pthread_self(), name); }

// A thread that works now and then until it is told to end; the last round is told so.
class Worker {
 public:
  // `work(ending)` runs at least every `interval`, and at once after `wake`.
  // `name`: what lists of threads show.
  Worker(const char* name, std::chrono::milliseconds interval, std::function<void(bool ending)> work)
      : interval_(interval), work_(std::move(work)), thread_([this, name] {
          name_this_thread(name);
          run();
        }) {}
  ~Worker() { end(); }

  void end() {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    condition_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  // True when a whole round began and ended after the call, before `deadline`.
  bool round(std::chrono::steady_clock::time_point deadline) {
    MutexLock lock(mutex_);
    // Of a round that runs already nobody knows what it saw.
    const uint64_t wanted = rounds_ + (working_ ? 2 : 1);
    wanted_ = wanted;
    condition_.notify_all();
    while (rounds_ < wanted && !ending_) {
      if (!condition_.wait_until(mutex_, deadline)) return rounds_ >= wanted;
    }
    return rounds_ >= wanted;
  }

 private:
  void run() {
    bool last = false;
    while (!last) {
      {
        MutexLock lock(mutex_);
        const auto deadline = std::chrono::steady_clock::now() + interval_;
        while (!ending_ && rounds_ >= wanted_ && condition_.wait_until(mutex_, deadline)) {
        }
        last = ending_;
        working_ = true;
      }
      work_(last);
      MutexLock lock(mutex_);
      working_ = false;
      ++rounds_;
      condition_.notify_all();
    }
  }

  const std::chrono::milliseconds interval_;
  const std::function<void(bool)> work_;
  base::Mutex mutex_;
  base::ConditionVariable condition_;
  bool ending_ GE_GUARDED_BY(mutex_) = false;
  bool working_ GE_GUARDED_BY(mutex_) = false;
  uint64_t rounds_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t wanted_ GE_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace

class SdkCore {
 public:
  SdkCore(Settings given, Targets targets, int log_descriptor)
      : settings(std::move(given)),
        clock(base::system_clock()),
        buffer(std::make_shared<MetricBuffer>(packet_bytes(targets.statsd), settings.metric_bytes_max,
                                              constant_tags(settings), settings.metrics == Exporter::kNone)),
        lines(std::make_shared<LogBuffer>(settings, clock)),
        events(std::make_shared<EventQueue>(settings, clock)),
        watch(std::make_shared<BlockWatch>(clock)),
        tracer_core(std::make_shared<TracerCore>(settings, clock)),
        // Over OTLP each session would be a series of its own.
        metrics(buffer, settings.metrics_attributed && settings.metrics == Exporter::kDatadog),
        tracer(tracer_core),
        log(lines),
        analytics(events),
        blocks(watch),
        socket_(std::move(targets.statsd)),
        log_descriptor_(log_descriptor),
        process_(process_facts()),
        sender_(tracer_core, events, settings, std::move(targets.agent), targets.api, process_) {
    if (settings.metrics == Exporter::kOtlp) points_ = std::make_shared<OtlpMetrics>(settings, clock);
    if (uses(Exporter::kOtlp)) {
      otlp_ = std::make_unique<OtlpSender>(settings, targets.otlp, process_, tracer_core, points_, lines);
    }
    if (targets.api && !settings.app_key.empty()) watcher_origin_ = std::make_unique<HttpOrigin>(*targets.api);
    // A thread that has nothing to do would still wake up.
    if (settings.metrics != Exporter::kNone || settings.logs == Exporter::kDatadog) {
      datagrams_ = std::make_unique<Worker>("sdk-packets", settings.metric_interval, [this](bool) { send_packets(); });
    }
    if (settings.traces != Exporter::kNone || uses(Exporter::kOtlp) || targets.api) {
      http_ =
          std::make_unique<Worker>("sdk-http", settings.trace_interval, [this](bool ending) { send_traces(ending); });
    }
    if (watcher_origin_) watcher_ = std::thread([this] { follow_blocks(); });
  }

  ~SdkCore() {
    buffer->close();
    lines->close();
    events->close();
    tracer_core->close();
    end_watch();
    if (datagrams_) datagrams_->end();
    if (!http_) return;
    // The HTTP thread may hang in a call: what is left gets its time, then the call is cut off.
    const auto deadline = std::chrono::steady_clock::now() + settings.shutdown_wait;
    if (!http_->round(deadline)) {
      sender_.cancel();
      if (otlp_) otlp_->cancel();
    }
    http_->end();
  }

  bool flush(std::chrono::steady_clock::time_point deadline) {
    hasty_ = true;
    const bool done = (!datagrams_ || datagrams_->round(deadline)) && (!http_ || http_->round(deadline)) && sent_all_;
    hasty_ = false;
    return done;
  }

  Losses losses() const {
    Losses out;
    out.metrics = buffer->dropped() + (points_ ? points_->dropped() : 0);
    out.metric_packets = packets_lost_;
    out.spans = tracer_core->dropped();
    out.spans_unsent = sender_.unsent() + (otlp_ ? otlp_->spans_unsent() : 0);
    out.logs = lines->dropped() + lines_lost_;
    out.events = events->dropped();
    return out;
  }

  const Settings settings;
  const base::Clock clock;
  const std::shared_ptr<MetricBuffer> buffer;
  const std::shared_ptr<LogBuffer> lines;
  const std::shared_ptr<EventQueue> events;
  const std::shared_ptr<BlockWatch> watch;
  const std::shared_ptr<TracerCore> tracer_core;
  Metrics metrics;
  Tracer tracer;
  Log log;
  Analytics analytics;
  BlockList blocks;

 private:
  bool uses(Exporter exporter) const {
    return settings.traces == exporter || settings.metrics == exporter || settings.logs == exporter;
  }

  void send_packets() {
    for (const std::string& packet : buffer->take()) {
      if (points_) {
        points_->add(packet);
      } else if (!socket_.send(packet, kFullSocketWait)) {
        ++packets_lost_;
      }
    }
    if (settings.logs != Exporter::kDatadog) return;
    const std::string text = lines->take();
    if (log_descriptor_ >= 0 && !text.empty()) lines_lost_ += write_lines(log_descriptor_, text, kFullSocketWait);
  }

  void send_traces(bool ending) {
    const bool in_haste = ending || hasty_;
    const bool sent = sender_.send(clock.tick(), in_haste);
    sent_all_ = (!otlp_ || otlp_->send(clock.tick(), in_haste)) && sent;
  }

  void follow_blocks() {
    name_this_thread("sdk-blocks");
    std::chrono::milliseconds pause = kReconnectFirst;
    while (!ending_) {
      HttpCall call{.method = "GET", .path = "/api/godseye/v1/blocks/watch"};
      call.headers = {"Accept: text/event-stream", "DD-API-KEY: " + settings.api_key,
                      "DD-APPLICATION-KEY: " + settings.app_key};
      call.piece = [&](std::string_view bytes) {
        watch->feed(bytes);
        pause = kReconnectFirst;
      };
      watch->begin();
      const auto answer = watcher_origin_->call(call);
      watch->end();
      MutexLock lock(mutex_);
      if (!ending_) condition_.wait_until(mutex_, std::chrono::steady_clock::now() + pause);
      pause = std::min(pause * 2, kReconnectMost);
    }
  }

  void end_watch() {
    {
      MutexLock lock(mutex_);
      ending_ = true;
    }
    condition_.notify_all();
    if (watcher_origin_) watcher_origin_->cancel();
    if (watcher_.joinable()) watcher_.join();
  }

  DatagramSocket socket_;
  const int log_descriptor_;
  const ProcessFacts process_;
  Sender sender_;
  std::shared_ptr<OtlpMetrics> points_;  // null unless metrics go by OTLP
  std::unique_ptr<OtlpSender> otlp_;     // null unless something does
  std::unique_ptr<HttpOrigin> watcher_origin_;
  std::atomic<uint64_t> packets_lost_{0};
  std::atomic<uint64_t> lines_lost_{0};
  std::atomic<bool> hasty_{false};
  std::atomic<bool> sent_all_{true};
  std::atomic<bool> ending_{false};
  base::Mutex mutex_;
  base::ConditionVariable condition_;
  std::thread watcher_;
  std::unique_ptr<Worker> datagrams_;  // null, like http_, when nothing of its kind is sent
  std::unique_ptr<Worker> http_;
};

Result<std::unique_ptr<Sdk>> Sdk::start(Settings settings, int log_descriptor) {
  auto statsd = parse_address(settings.statsd_url);
  if (!statsd) return std::move(statsd).error().within("statsd_url");
  if (statsd->scheme != "udp" && statsd->scheme != "unix") {
    return Error{ErrorCode::kInvalidArgument, "statsd_url: expected udp:// or unix://"};
  }
  auto agent = parse_address(settings.agent_url);
  if (!agent) return std::move(agent).error().within("agent_url");
  if (agent->scheme == "udp")
    return Error{ErrorCode::kInvalidArgument, "agent_url: expected http://, https:// or unix://"};
  Targets targets{*std::move(statsd), *std::move(agent), {}, {}};
  if (!settings.api_url.empty()) {
    auto address = parse_address(settings.api_url);
    if (!address) return std::move(address).error().within("api_url");
    if (address->scheme == "udp") return Error{ErrorCode::kInvalidArgument, "api_url: expected http:// or https://"};
    targets.api = *std::move(address);
  }
  if (settings.sample_rate && !(*settings.sample_rate >= 0 && *settings.sample_rate <= 1)) {
    return Error{ErrorCode::kInvalidArgument, "sample_rate: expected 0 to 1"};
  }
  auto otlp = otlp_targets(settings.otlp);
  if (!otlp) return std::move(otlp).error();
  targets.otlp = *std::move(otlp);
  return std::unique_ptr<Sdk>(
      new Sdk(std::make_unique<SdkCore>(std::move(settings), std::move(targets), log_descriptor)));
}

Sdk::Sdk(std::unique_ptr<SdkCore> core) : core_(std::move(core)) {}
Sdk::~Sdk() = default;
Metrics& Sdk::metrics() { return core_->metrics; }
Tracer& Sdk::tracer() { return core_->tracer; }
Log& Sdk::log() { return core_->log; }
Analytics& Sdk::analytics() { return core_->analytics; }
BlockList& Sdk::blocks() { return core_->blocks; }
Losses Sdk::losses() const { return core_->losses(); }
bool Sdk::flush(std::chrono::milliseconds wait) { return core_->flush(std::chrono::steady_clock::now() + wait); }

}  // namespace godseye::sdk
