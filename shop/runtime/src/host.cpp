#include "channels.h"
#include "faults_service.h"
#include "health.h"
#include "health_service.h"
#include "leak.h"
#include "server_calls.h"
#include "ticker.h"

#include <csignal>
#include <optional>
#include <thread>

#include <absl/synchronization/mutex.h>
#include <grpcpp/channel.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>
#include <vcommerce/runtime/host.h>

namespace vcommerce::runtime {
namespace {

constexpr std::chrono::milliseconds kTickInterval{1'000};
// So that whoever threw the switch still gets an answer.
constexpr std::chrono::milliseconds kCrashDelay{100};
// Threads that wait for calls once they were needed; beyond them each one ends after its call, and the next call makes
// a new one.
constexpr int kThreadsKept = 8;
// A channel to it fails at once: port 1 of loopback serves nobody.
constexpr char kNowhere[] = "127.0.0.1:1";

class HostContext final : public Context {
 public:
  HostContext(const ServiceInfo& info, const Host::Config& config, sdk::Sdk& sdk, base::Clock clock)
      : service_(info.name),
        addresses_(config.addresses),
        sdk_(sdk),
        clock_(std::move(clock)),
        faults_(clock_, info.faults, config.seed) {}

  const std::string& service() const override { return service_; }
  sdk::Sdk& sdk() override { return sdk_; }
  Faults& faults() override { return faults_; }
  const base::Clock& clock() const override { return clock_; }

  std::shared_ptr<grpc::Channel> channel(std::string_view service, const ChannelOptions& options) override {
    const auto found = addresses_.find(service);
    if (found == addresses_.end()) log().error("no address is known", {{"callee", service}});
    return make_channel(*this, service, found == addresses_.end() ? kNowhere : found->second, options);
  }
  bool knows(std::string_view service) const override { return addresses_.contains(service); }

 private:
  std::string service_;
  std::map<std::string, std::string, std::less<>> addresses_;
  sdk::Sdk& sdk_;
  base::Clock clock_;
  Faults faults_;
};

// "127.0.0.1:0" and port 5123 → "127.0.0.1:5123"; "[::1]:0" likewise.
std::string with_port(const std::string& listen, int port) {
  return listen.substr(0, listen.rfind(':')) + ":" + std::to_string(port);
}

// A library that was built without NDEBUG, as Debian's is, searches every lock that gRPC takes for cycles of locks: a
// fifth of what a call costs, for a check of gRPC's own code that its authors made.
void stop_searching_for_deadlocks() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

}  // namespace

class Host::Parts {
 public:
  Parts(const ServiceInfo& info, Config given, sdk::Sdk& sdk, base::Clock clock)
      : config(std::move(given)), context(info, config, sdk, std::move(clock)), health_service(context.service()) {}

  base::Status serve() {
    faults.emplace(context.faults(), config.fault_key, [this] {
      if (ticker) ticker->poke();
    });
    grpc::ServerBuilder builder;
    configure(builder);
    int port = 0;
    builder.AddListeningPort(config.listen, grpc::InsecureServerCredentials(), &port);
    int also = config.listen_also.empty() ? 1 : 0;
    if (also == 0) builder.AddListeningPort(config.listen_also, grpc::InsecureServerCredentials(), &also);
    for (grpc::Service* one : service->grpc_services()) builder.RegisterService(one);
    builder.RegisterService(&*faults);
    builder.RegisterService(&health_service);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(server_calls(context));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    server = builder.BuildAndStart();
    // gRPC tries them in this order and says nothing about the one that failed.
    if (!server || port == 0 || also == 0) {
      return base::Error(base::ErrorCode::kUnavailable,
                         "cannot listen on " +
                             (port == 0 || config.listen_also.empty() ? config.listen : config.listen_also) +
                             ": it is taken, or the address is not this machine's");
    }
    address = with_port(config.listen, port);
    health.emplace(*service, context, [this](bool serving) { health_service.set(serving); });
    health->check();
    ticker.emplace(kTickInterval, [this] { tick(); });
    return base::ok();
  }

  void configure(grpc::ServerBuilder& builder) {
    const Limits& limits = config.limits;
    builder.SetMaxReceiveMessageSize(limits.message_bytes_max);
    grpc::ResourceQuota quota("shop");
    quota.SetMaxThreads(limits.threads_max).Resize(limits.memory_bytes_max);
    builder.SetResourceQuota(quota);
    // One queue: a service is one of ten on a machine, and an idle one should cost nothing.
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, kThreadsKept);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, config.shared_port ? 1 : 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.metadata_bytes_max));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(limits.connection_idle.count()));
  }

  void tick() {
    if (context.faults().on("crash")) crash();
    health->check();
    leak.tick(context.faults());
    service->tick();
  }

  void crash() {
    std::this_thread::sleep_for(kCrashDelay);
    if (config.crash) return config.crash();
    ::kill(::getpid(), SIGKILL);
  }

  void stop(std::chrono::milliseconds within) {
    if (!server) return;
    ticker->stop();  // or it would say SERVING again
    health_service.set(false);
    server->Shutdown(gpr_time_from_millis(within.count(), GPR_TIMESPAN));
    server->Wait();
    service->stop();
    server.reset();
  }

  // In the order of their birth; each lives on what is above it.
  Config config;
  HostContext context;
  std::unique_ptr<Service> service;
  std::optional<FaultsService> faults;
  HealthService health_service;
  std::unique_ptr<grpc::Server> server;
  std::string address;
  std::optional<Health> health;
  Leak leak;
  std::optional<Ticker> ticker;
};

Host::Host(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

base::Result<std::unique_ptr<Host>> Host::start(const ServiceInfo& info, const Settings& settings, Config config,
                                                sdk::Sdk& sdk, base::Clock clock) {
  stop_searching_for_deadlocks();
  auto parts = std::make_unique<Parts>(info, std::move(config), sdk, std::move(clock));
  auto service = info.make(settings, parts->context);
  if (!service) return std::move(service).error().within("starting " + std::string(info.name));
  parts->service = *std::move(service);
  if (base::Status served = parts->serve(); !served) {
    return std::move(served).error().within("starting " + std::string(info.name));
  }
  return std::unique_ptr<Host>(new Host(std::move(parts)));
}

Host::~Host() { stop(kStopWithin); }

const std::string& Host::address() const { return parts_->address; }
Context& Host::context() { return parts_->context; }
void Host::stop(std::chrono::milliseconds within) { parts_->stop(within); }

}  // namespace vcommerce::runtime
