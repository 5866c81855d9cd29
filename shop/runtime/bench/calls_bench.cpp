// What the runtime's spans, metrics and switches add to a call: the same echo over a bare gRPC server and over a Host,
// one client that uses neither. CPU time is the whole process's: client, server and the SDK's threads. With a pause
// between calls each finds the processor idle and its caches cold, as the calls of one order in an empty shop do.
#include "../tests/probe.h"

#include <chrono>
#include <thread>

#include <absl/synchronization/mutex.h>
#include <benchmark/benchmark.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace vcommerce::runtime {
namespace {

class BareProbe final : public v1::Probe::Service {
  grpc::Status Say(grpc::ServerContext*, const v1::ProbeText* request, v1::ProbeText* answer) override {
    answer->set_text(request->text());
    return grpc::Status::OK;
  }
};

void call_in_a_loop(benchmark::State& state, const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = v1::Probe::NewStub(channel);
  v1::ProbeText request;
  request.set_text("hello");
  for (auto _ : state) {
    grpc::ClientContext call;
    call.AddMetadata("session_id", "s-1");
    v1::ProbeText answer;
    if (!stub->Say(&call, request, &answer).ok()) state.SkipWithError("the call failed");
    if (state.range(0) > 0) std::this_thread::sleep_for(std::chrono::microseconds(state.range(0)));
  }
}

void bare_call(benchmark::State& state) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as a Host does
  BareProbe service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  const auto server = builder.BuildAndStart();
  call_in_a_loop(state, grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  server->Shutdown();
}
BENCHMARK(bare_call)->ArgName("pause_us")->Arg(0)->Arg(2000)->MeasureProcessCPUTime()->UseRealTime();

// Metrics go to a port where nobody is, spans to an agent that is not there: they are made, kept to their limit, then
// dropped and counted.
void observed_call(benchmark::State& state) {
  auto sdk = sdk::Sdk::start(
      {.service = "probeservice", .statsd_url = "udp://127.0.0.1:9", .agent_url = "http://127.0.0.1:1"}, -1);
  if (!sdk) return state.SkipWithError("no SDK");
  next_handler() = echo;
  const ServiceInfo info = probe_info();
  const auto host = Host::start(info, *Settings::from(info.settings, {}), {}, **sdk, base::system_clock());
  if (!host) return state.SkipWithError("no host");
  call_in_a_loop(state, grpc::CreateChannel((*host)->address(), grpc::InsecureChannelCredentials()));
}
BENCHMARK(observed_call)->ArgName("pause_us")->Arg(0)->Arg(2000)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace vcommerce::runtime

BENCHMARK_MAIN();
