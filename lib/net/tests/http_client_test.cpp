#include "fakes/test_certificate.h"

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include <godseye/base/temp_dir.h>
#include <godseye/net/http_client.h>
#include <godseye/net/http_server.h>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class HttpClientTest : public testing::Test {
 protected:
  std::unique_ptr<HttpServer> start(HttpServer::Handler handler, HttpServerConfig config = {},
                                    const std::string& address = "127.0.0.1:0") {
    config.address = *parse_listen_address(address);
    auto server = HttpServer::start(std::move(config), std::move(handler));
    EXPECT_TRUE(server) << (server ? "" : server.error().message());
    return *std::move(server);
  }
  static std::string url(const HttpServer& server, std::string path = "/") {
    return "http://" + server.address().text() + path;
  }
  static HttpResponse echo(const HttpRequest& request) {
    HttpResponse response = json_response(200, request.body);
    response.headers.add("X-Target", request.target);
    response.headers.add("X-From", request.remote_address);
    return response;
  }

  base::TempDir folder_;
  HttpClient client_;
};

TEST_F(HttpClientTest, KeepsConnections) {
  auto server = start(echo);
  for (int i = 0; i < 5; ++i) {
    const HttpReply reply = *client_.send({.method = "POST", .url = url(*server, "/a?b=c"), .body = "hello"});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "hello");
    EXPECT_EQ(reply.headers.get("x-target"), "/a?b=c");
    EXPECT_EQ(reply.headers.get("x-from"), "127.0.0.1");
  }
  EXPECT_EQ(client_.stats().connects, 1U);
  EXPECT_EQ(server->stats().connections, 1U);
}

TEST_F(HttpClientTest, MovesLargeBodiesBothWaysOverAUnixSocket) {
  HttpServerConfig config;
  config.body_bytes_max = 200 << 20;
  auto server = start(echo, config, "unix:" + folder_.file("engine.sock"));
  const std::string body = [] {
    std::string out(100 << 20, '\0');
    for (size_t i = 0; i < out.size(); i += 4096) out[i] = static_cast<char>(i >> 12);
    return out;
  }();
  const HttpCall call{.method = "POST",
                      .url = "http://engine/?query=1",
                      .unix_socket = folder_.file("engine.sock"),
                      .body = body,
                      .timeout = 60s,
                      .reply_bytes_max = 200 << 20};
  const HttpReply reply = *client_.send(call);
  EXPECT_TRUE(reply.body == body);
  EXPECT_EQ(reply.headers.get("x-from"), "unix");
  EXPECT_EQ(std::filesystem::status(folder_.file("engine.sock")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(folder_.file("engine.sock")));
  EXPECT_EQ(client_.send(call).error().code(), base::ErrorCode::kUnavailable);
}

TEST_F(HttpClientTest, RetriesAStaleConnectionOnceForIdempotentCalls) {
  auto server = start(echo);
  const ListenAddress address = server->address();
  const std::string target = url(*server);
  ASSERT_TRUE(client_.send({.url = target}));
  server.reset();
  server = start(echo, {}, address.text());
  EXPECT_TRUE(client_.send({.url = target}));
  EXPECT_EQ(client_.stats().connects, 2U);
}

TEST_F(HttpClientTest, ReplacesASocketFileThatNobodyListensOn) {
  const std::string path = folder_.file("stale.sock");
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
  auto server = start(echo, {}, "unix:" + path);
  EXPECT_TRUE(client_.send({.url = "http://x/", .unix_socket = path}));
  EXPECT_FALSE(HttpServer::start({.address = *parse_listen_address("unix:" + path)}, echo));
}

TEST_F(HttpClientTest, HonoursTheDeadline) {
  std::promise<void> release;
  auto server = start([released = release.get_future().share()](const HttpRequest& request) {
    released.wait();
    return echo(request);
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = client_.send({.url = url(*server), .timeout = 100ms});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), base::ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  release.set_value();
}

TEST_F(HttpClientTest, StopCancelsRunningAndLaterCalls) {
  std::promise<void> entered;
  std::promise<void> release;
  auto server = start([&, released = release.get_future().share()](const HttpRequest& request) {
    entered.set_value();
    released.wait();
    return echo(request);
  });
  auto call = std::async(std::launch::async, [&] { return client_.send({.url = url(*server)}); });
  entered.get_future().wait();
  client_.stop();
  EXPECT_EQ(call.get().error().code(), base::ErrorCode::kCancelled);
  release.set_value();
  EXPECT_EQ(client_.send({.url = url(*server)}).error().code(), base::ErrorCode::kCancelled);
}

TEST_F(HttpClientTest, ConnectsOnlyToAddressesThatAreAllowed) {
  auto server = start(echo);
  std::vector<std::string> asked;
  HttpClient careful({.address_allowed = [&](std::string_view address) {
    asked.emplace_back(address);
    return asked.size() > 1;
  }});
  const auto refused = careful.send({.url = url(*server)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kPermissionDenied);
  EXPECT_EQ(refused.error().message(), "127.0.0.1: the address 127.0.0.1 may not be called");
  EXPECT_EQ(server->stats().connections, 0U);
  EXPECT_TRUE(careful.send({.url = url(*server)}));
  EXPECT_EQ(asked, (std::vector<std::string>{"127.0.0.1", "127.0.0.1"}));
}

TEST_F(HttpClientTest, LimitsTheReply) {
  auto server = start([](const HttpRequest&) { return json_response(200, std::string(1000, 'x')); });
  EXPECT_TRUE(client_.send({.url = url(*server), .reply_bytes_max = 1000}));
  EXPECT_EQ(client_.send({.url = url(*server), .reply_bytes_max = 999}).error().code(), base::ErrorCode::kTooLarge);
}

TEST_F(HttpClientTest, ReadsAnEarlyRefusalOfALargeBody) {
  HttpServerConfig config;
  config.body_bytes_max = 1000;
  auto server = start(echo, config);
  const std::string body(2 << 20, 'x');
  const auto reply = client_.send({.method = "POST", .url = url(*server), .body = body});
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->status, 413);
}

TEST_F(HttpClientTest, RefusesHeadersThatWriteHeaders) {
  auto server = start(echo);
  EXPECT_EQ(client_.send({.url = url(*server), .headers = {{"X", "a\r\nY: b"}}}).error().code(),
            base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(client_.send({.method = "GET /x", .url = url(*server)}).error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(client_.send({.url = "gopher://x"}).error().code(), base::ErrorCode::kInvalidArgument);
}

TEST_F(HttpClientTest, SaysWhatItCannotReach) {
  auto server = start(echo);
  const std::string target = url(*server);
  const std::string authority = server->address().text();
  server.reset();
  const auto reply = client_.send({.url = target});
  EXPECT_EQ(reply.error().code(), base::ErrorCode::kUnavailable);
  EXPECT_EQ(reply.error().message(), authority + ": connecting: Connection refused");
}

TEST_F(HttpClientTest, ServesManyThreads) {
  auto server = start(echo);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(t * 1000 + i);
        const auto reply = client_.send({.method = "POST", .url = url(*server), .body = body});
        if (reply && reply->body == body) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 400);
  EXPECT_LE(client_.stats().connects, 8U + client_.stats().retries);
}

TEST_F(HttpClientTest, SpeaksTlsAndVerifies) {
  HttpServerConfig config;
  config.tls_certificate_file = folder_.file("cert.pem");
  config.tls_key_file = folder_.file("key.pem");
  write_test_certificate(config.tls_certificate_file, config.tls_key_file);
  auto server = start(echo, config);
  const std::string port = std::to_string(server->address().port);
  const std::string body(3 << 20, 'x');

  HttpClient trusting({.tls_ca_file = config.tls_certificate_file});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const std::string target = std::string("https://") + host + ":" + port + "/";
    for (int i = 0; i < 2; ++i) {
      const auto reply = trusting.send({.method = "POST", .url = target, .body = body});
      ASSERT_TRUE(reply) << reply.error().message();
      EXPECT_TRUE(reply->body == body);
    }
  }
  EXPECT_EQ(trusting.stats().connects, 2U);
  const auto untrusted = client_.send({.url = "https://localhost:" + port + "/"});
  ASSERT_FALSE(untrusted);
  EXPECT_NE(untrusted.error().message().find("certificate refused"), std::string::npos) << untrusted.error().message();
  EXPECT_FALSE(client_.send({.url = "http://localhost:" + port + "/"}));
  EXPECT_GE(server->stats().tls_failures, 1U);
}

TEST_F(HttpClientTest, NamesACertificateThatCannotBeUsed) {
  HttpServerConfig config;
  config.address = *parse_listen_address("127.0.0.1:0");
  config.tls_certificate_file = folder_.file("none.pem");
  EXPECT_EQ(HttpServer::start(config, echo).error().message(), "TLS needs both a certificate and a key");
  config.tls_key_file = folder_.file("none.pem");
  EXPECT_NE(HttpServer::start(config, echo).error().message().find(folder_.file("none.pem")), std::string::npos);
}

}  // namespace
}  // namespace godseye::net
