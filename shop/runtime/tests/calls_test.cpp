#include "name_server.h"
#include "probe.h"
#include "slow_door.h"

#include <mutex>

#include <gtest/gtest.h>

namespace vcommerce::runtime {
namespace {

using namespace std::chrono_literals;

TEST(ServerCalls, CountAndTimeEachCallByMethodAndStatus) {
  const auto host = probe(echo);
  std::string answer;
  ASSERT_TRUE(say(host->channel(), "hi", &answer).ok());
  EXPECT_EQ(answer, "hi");
  EXPECT_TRUE(host->metric_arrives("grpc.server.request.count:1|c", "method:vcommerce.v1.Probe/Say,status:OK"));
  EXPECT_TRUE(host->metric_arrives("grpc.server.duration:", "status:OK"));
  EXPECT_TRUE(host->metric_arrives("grpc.server.request.count:1|c", "service:probeservice"));
}

TEST(ServerCalls, AFailureIsCountedAndLoggedARefusalOnlyLogged) {
  const auto host = probe([](Context&, grpc::ServerContext&, const std::string& text, std::string&) {
    return text == "fail" ? grpc::Status(grpc::StatusCode::INTERNAL, "disk \"full\"\n") : invalid("text", "is odd");
  });
  EXPECT_EQ(say(host->channel(), "x").error_message(), "text: is odd");
  EXPECT_EQ(say(host->channel(), "fail").error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(host->metric_arrives("grpc.server.error.count:1|c", "status:INTERNAL"));
  EXPECT_TRUE(host->metric_arrives("grpc.server.request.count:1|c", "status:INVALID_ARGUMENT"));
  EXPECT_TRUE(
      host->log_arrives(R"("method":"vcommerce.v1.Probe/Say","grpc_status":"INTERNAL","error":"disk \"full\"\n")"));
  EXPECT_TRUE(host->log_arrives(R"("status":"info")"));
  for (const std::string& line : host->metric_lines()) {
    EXPECT_FALSE(line.starts_with("grpc.server.error.count") && line.find("INVALID") != std::string::npos) << line;
  }
}

TEST(ServerCalls, TakeTraceSessionAndUserFromAnyClient) {
  const auto host = probe([](Context&, grpc::ServerContext&, const std::string&, std::string& answer) {
    const sdk::SpanContext* span = sdk::active_context();
    answer = span->trace_id_hex() + " " + std::string(span->baggage_item("session.id")) + " " +
             std::string(span->baggage_item("user.id"));
    return grpc::Status::OK;
  });
  const auto stub = v1::Probe::NewStub(host->channel());
  grpc::ClientContext call;
  call.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  call.AddMetadata("session_id", "s-1");
  call.AddMetadata("user_id", "u-1");
  v1::ProbeText answer;
  ASSERT_TRUE(stub->Say(&call, {}, &answer).ok());
  EXPECT_EQ(answer.text(), "0af7651916cd43dd8448eb211c80319c s-1 u-1");
}

// A calls B within a call of its own.
TEST(ClientCalls, CarryTraceSessionAndUserOn) {
  const auto callee = probe([](Context&, grpc::ServerContext&, const std::string&, std::string& answer) {
    const sdk::SpanContext* span = sdk::active_context();
    answer = span->trace_id_hex() + " " + std::string(span->baggage_item("session.id"));
    return grpc::Status::OK;
  });
  const auto caller = probe(
      [](Context& context, grpc::ServerContext&, const std::string&, std::string& answer) {
        std::string told;
        const grpc::Status status = say(context.channel(kProbe), "", &told);
        answer = sdk::active_context()->trace_id_hex() + " s-2 = " + told;
        return status;
      },
      {.addresses = {{kProbe, callee->address()}}}, "callerservice");
  const auto stub = v1::Probe::NewStub(caller->channel());
  grpc::ClientContext call;
  call.AddMetadata("session_id", "s-2");
  v1::ProbeText answer;
  ASSERT_TRUE(stub->Say(&call, {}, &answer).ok());
  const size_t middle = answer.text().find(" = ");
  EXPECT_EQ(answer.text().substr(0, middle), answer.text().substr(middle + 3));
  EXPECT_TRUE(caller->metric_arrives("grpc.client.request.count:1|c", "caller:callerservice,callee:probeservice"));
  EXPECT_TRUE(caller->metric_arrives("grpc.client.duration:", "status:OK"));
}

TEST(ClientCalls, HaveADeadlineWhenTheirCallerSetNone) {
  const auto callee = probe([](Context&, grpc::ServerContext& call, const std::string&, std::string&) {
    while (!call.IsCancelled()) std::this_thread::sleep_for(1ms);
    return grpc::Status::OK;
  });
  const auto caller = probe(echo, {.addresses = {{kProbe, callee->address()}}}, "callerservice");
  const auto stub = v1::Probe::NewStub(caller->context().channel(kProbe, {.timeout = 100ms}));
  grpc::ClientContext call;
  v1::ProbeText answer;
  EXPECT_EQ(stub->Say(&call, {}, &answer).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(caller->metric_arrives("grpc.client.error.count:1|c", "status:DEADLINE_EXCEEDED"));
}

// The one that serves has 5 s; what it asks of others may not take longer, whatever it allows them.
TEST(ClientCalls, EndWithTheCallThatTheyAreFor) {
  const auto callee = probe([](Context&, grpc::ServerContext& call, const std::string&, std::string& answer) {
    answer = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                call.deadline() - std::chrono::system_clock::time_point(base::system_clock().wall()))
                                .count());
    return grpc::Status::OK;
  });
  const auto caller =
      probe([](Context& context, grpc::ServerContext&, const std::string&,
               std::string& answer) { return say(context.channel(kProbe, {.timeout = 60s}), "", &answer); },
            {.addresses = {{kProbe, callee->address()}}}, "callerservice");
  const auto stub = v1::Probe::NewStub(caller->channel());
  const auto call = outgoing(5s);
  v1::ProbeText answer;
  ASSERT_TRUE(stub->Say(call.get(), {}, &answer).ok());
  // Not the ten seconds that say() allows. gRPC rounds what it sends up.
  EXPECT_LT(std::stoi(answer.text()), 6'000);
}

TEST(ClientCalls, TryAgainOnlyWhatIsMarkedSafe) {
  std::atomic<int> calls = 0;
  const auto callee = probe([&calls](Context&, grpc::ServerContext&, const std::string&, std::string&) {
    return ++calls % 3 == 0 ? grpc::Status::OK : grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now");
  });
  const auto caller = probe(echo, {.addresses = {{kProbe, callee->address()}}}, "callerservice");
  const auto channel = caller->context().channel(kProbe, {.retry_safe = {"vcommerce.v1.Probe/SayAgain"}});
  EXPECT_TRUE(say(channel, "", nullptr, true).ok());
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(say(channel, "").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(calls, 4);
}

TEST(ClientCalls, FailUnavailableWhenNobodyIsThere) {
  const auto caller = probe(echo);
  EXPECT_EQ(say(caller->context().channel("nobodyservice"), "").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(caller->log_arrives(R"("callee":"nobodyservice")"));
  EXPECT_TRUE(caller->metric_arrives("grpc.client.error.count:1|c", "callee:nobodyservice"));
}

TEST(ClientCalls, FindNoNameByASwitchAndAskNobody) {
  std::atomic<int> calls = 0;
  const auto callee = probe([&calls](Context&, grpc::ServerContext&, const std::string&, std::string&) {
    ++calls;
    return grpc::Status::OK;
  });
  const auto caller = probe(echo, {.addresses = {{kProbe, callee->address()}}}, "callerservice");
  const auto channel = caller->context().channel(kProbe, {.retry_safe = {"vcommerce.v1.Probe/SayAgain"}});
  ASSERT_TRUE(caller->context().faults().set("dns_errors", 1, 60s));
  EXPECT_EQ(say(channel, "").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(say(channel, "", nullptr, true).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(caller->metric_arrives("dns.error.count:", "callee:probeservice"));
  ASSERT_TRUE(caller->context().faults().clear("dns_errors"));
  EXPECT_TRUE(say(channel, "").ok());
  EXPECT_EQ(calls, 1);
}

TEST(ClientCalls, WaitForAConnectionThatTakesItsTime) {
  const auto callee = probe(echo);
  const SlowDoor door(callee->address(), 300ms);
  const auto caller = probe(echo, {.addresses = {{kProbe, door.address()}}}, "callerservice");
  const grpc::Status status = say(caller->context().channel(kProbe, {.timeout = 10s}), "");
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(ClientCalls, CountNamesThatCannotBeFound) {
  // Of a name server of our own: the same answer on a machine with a network and without.
  const EmptyNameServer names;
  const std::string nobody = "dns://" + names.address() + "/no-such-host.invalid:80";
  const auto caller = probe(echo, {.addresses = {{kProbe, nobody}}}, "callerservice");
  EXPECT_FALSE(say(caller->context().channel(kProbe, {.timeout = 10s}), "").ok());
  EXPECT_TRUE(caller->metric_arrives("dns.error.count:1|c", "callee:probeservice"));
}

}  // namespace
}  // namespace vcommerce::runtime
