#include "trace_listeners.h"

#include <cstdlib>
#include <mutex>

#include <godseye/ddtrace/traces.h>
#include <godseye/net/content_coding.h>
#include <godseye/net/http_client.h>

#include <gtest/gtest.h>
#include <unistd.h>

namespace godseye::app {
namespace {

constexpr uint64_t kBodyMax = 1 << 20;

class TraceListenersTest : public testing::Test {
 protected:
  TraceListenersTest() {
    char folder[] = "/tmp/godseye-agent-XXXXXX";
    if (mkdtemp(folder) != nullptr) folder_ = folder;
    settings_.trace_agent = *net::parse_listen_address("127.0.0.1:0");
    settings_.trace_agent_socket = folder_ + "/apm.socket";
    settings_.trace_agent_body_max = kBodyMax;
  }
  ~TraceListenersTest() override {
    listeners_.stop(std::chrono::seconds(2));
    unlink(settings_.trace_agent_socket.c_str());
    rmdir(folder_.c_str());
  }

  void start() {
    const base::Status started = listeners_.start(settings_, sinks_, llmobs_, 8125);
    ASSERT_TRUE(started) << started.error().message();
    const std::string text = listeners_.text();
    const size_t at = text.find("trace-agent=") + 12;
    url_ = "http://" + text.substr(at, text.find(' ', at) - at);
  }

  net::HttpReply send(std::string_view body, net::Headers headers = {}, bool by_socket = false,
                      const std::string& path = "/v0.4/traces") {
    net::HttpCall call{.method = "PUT",
                       .url = (by_socket ? "http://agent" : url_) + path,
                       .unix_socket = by_socket ? settings_.trace_agent_socket : "",
                       .headers = std::move(headers),
                       .body = body};
    auto reply = client_.send(call);
    return reply ? *reply : net::HttpReply{.status = -1, .body = reply.error().message()};
  }

  Settings settings_;
  std::string folder_;
  std::mutex mutex_;
  size_t spans_ = 0;
  api::SpanSinks sinks_{.deliver = [this](signal::SpanBatch& batch, const pipeline::SpanOrigin&) {
    const std::lock_guard lock(mutex_);
    spans_ += batch.spans.size();
    return base::ok();
  }};
  api::LlmObsIntakeRoutes llmobs_{sinks_};
  TraceListeners listeners_;
  net::HttpClient client_;
  std::string url_;
};

std::string one_span() {
  signal::SpanBatch batch;
  signal::Span span;
  span.trace_id_low = span.span_id = 1;
  batch.spans.push_back(span);
  return ddtrace::encode_v04(batch);
}

TEST_F(TraceListenersTest, TakesSpansOverTcpAndSocketPlainAndCompressed) {
  start();
  EXPECT_EQ(send(one_span()).status, 200);
  EXPECT_EQ(send(one_span(), {}, true).status, 200);
  EXPECT_EQ(send(net::gzip(one_span()), {{"Content-Encoding", "gzip"}}).status, 200);
  EXPECT_EQ(spans_, 3u);
  EXPECT_EQ(listeners_.stats().requests, 3u);
}

TEST_F(TraceListenersTest, BodiesAndBombsBeyondTheLimitGet413) {
  start();
  const std::string at_limit(kBodyMax, '\xc0');
  EXPECT_EQ(send(at_limit).status, 400);  // read, and no payload
  EXPECT_EQ(send(at_limit + '\xc0', {}, true).status, 413);
  const std::string bomb = net::gzip(std::string(100 << 20, '\0'), 9);
  ASSERT_LT(bomb.size(), kBodyMax);
  EXPECT_EQ(send(bomb, {{"Content-Encoding", "gzip"}}).status, 413);
  EXPECT_EQ(send("junk", {{"Content-Encoding", "gzip"}}).status, 400);
  EXPECT_EQ(send("x", {{"Content-Encoding", "br"}}).status, 415);
  EXPECT_EQ(spans_, 0u);
  EXPECT_EQ(send(one_span()).status, 200);
  const TraceListenerStats stats = listeners_.stats();
  EXPECT_EQ(stats.too_large, 2u);
  EXPECT_EQ(stats.malformed, 2u);
}

TEST_F(TraceListenersTest, ABusyPortIsAnErrorThatNamesTheSetting) {
  start();
  Settings other = settings_;
  other.trace_agent = *net::parse_listen_address(url_.substr(7));
  other.trace_agent_socket.clear();
  TraceListeners second;
  const base::Status started = second.start(other, sinks_, llmobs_, 0);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message().find("trace-agent"), std::string::npos);
}

}  // namespace
}  // namespace godseye::app
