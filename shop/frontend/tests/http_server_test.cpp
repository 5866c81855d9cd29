#include "http_server.h"

#include "http_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vcommerce::frontend {
namespace {

using testing::raw;
using namespace std::chrono_literals;

std::unique_ptr<HttpServer> server(HttpServer::Limits limits) {
  auto started = HttpServer::start(
      "127.0.0.1:0", limits,
      [](const WebRequest& request) {
        WebResponse response;
        response.content_type = "text/plain";
        response.body = request.method + " " + request.target + " [" + request.body + "]";
        if (request.header("x-seen")) response.body += " header";
        return response;
      },
      [](int status) { return WebResponse{.status = status, .body = "refused"}; });
  EXPECT_TRUE(started) << started.error().message();
  return *std::move(started);
}

TEST(HttpServer, AnswersOneRequestAfterAnotherOverAConnection) {
  const auto one = server({});
  const int socket = testing::connect_to(one->address());
  ASSERT_GE(socket, 0);
  const std::string both =
      "POST /a?b=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /c HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(::send(socket, both.data(), both.size(), 0), static_cast<ssize_t>(both.size()));
  EXPECT_EQ(testing::read_answer(socket).body.substr(0, 21), "POST /a?b=%20 [hello]");
  const std::string more = "GET /d HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0\r\nX-Seen: 1\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(::send(socket, more.data(), more.size(), 0), static_cast<ssize_t>(more.size()));
  std::string rest;
  char chunk[4096];
  for (ssize_t count = 0; (count = ::recv(socket, chunk, sizeof chunk, 0)) > 0;)
    rest.append(chunk, static_cast<size_t>(count));
  EXPECT_NE(rest.find("GET /d [] header"), std::string::npos) << rest;
  EXPECT_EQ(rest.find("206"), std::string::npos);
  ::close(socket);
}

TEST(HttpServer, AnswersAHeadWithoutABody) {
  const auto one = server({});
  const auto answer = raw(one->address(), "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST(HttpServer, TakesTheAbsoluteFormAProxysClientSends) {
  const auto one = server({});
  const auto answer = raw(one->address(), "GET http://shop/a?b HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /a?b []");
}

TEST(HttpServer, RefusesWhatIsTooMuchBeforeReadingIt) {
  const auto one = server({.body_bytes_max = 1'000});
  EXPECT_EQ(raw(one->address(), "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n").status, 413);
  EXPECT_EQ(raw(one->address(), "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n").status, 501);
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a')).status, 431);
  EXPECT_EQ(raw(one->address(), "nonsense\r\n\r\n").status, 400);
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
}

TEST(HttpServer, GivesUpOnARequestThatDoesNotEnd) {
  const auto one = server({.request_wait = 50ms});
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\nX: ").status, 408);
  EXPECT_EQ(raw(one->address(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe").status, 408);
}

TEST(HttpServer, SlowRequestsMakeRoomForOthers) {
  const auto one = server({.threads = 1, .request_wait = 30min, .request_wait_busy = 10ms});
  const int slow = testing::connect_to(one->address());
  ASSERT_GE(slow, 0);
  ASSERT_GT(::send(slow, "GET / HTTP/1.1\r\nX: ", 19, 0), 0);
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status, 200);
  EXPECT_EQ(testing::read_answer(slow).status, 408);
  ::close(slow);
}

TEST(HttpServer, IdleConnectionsMakeRoomForOthers) {
  const auto one = server({.threads = 1, .keep_alive = 60s});
  const int idle = testing::connect_to(one->address());
  const std::string first = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(::send(idle, first.data(), first.size(), 0), static_cast<ssize_t>(first.size()));
  EXPECT_EQ(testing::read_answer(idle).status, 200);
  EXPECT_EQ(raw(one->address(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").status, 200);
  ::close(idle);
}

TEST(HttpServer, SaysWhatIsWrongWithItsAddress) {
  const auto bad = HttpServer::start("nowhere", {}, nullptr, nullptr);
  EXPECT_EQ(bad.error().code(), base::ErrorCode::kInvalidArgument);
  const auto one = server({});
  const auto taken = HttpServer::start(one->address(), {}, nullptr, nullptr);
  EXPECT_EQ(taken.error().code(), base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace vcommerce::frontend
