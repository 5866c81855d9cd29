#include "fakes/loop_runner.h"
#include "fakes/test_certificate.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include <godseye/base/temp_dir.h>
#include <godseye/net/http_client.h>
#include <godseye/net/http_server.h>
#include <godseye/net/stream_server.h>
#include <godseye/net/tls.h>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using namespace std::chrono_literals;

HttpResponse hello(const HttpRequest&) { return json_response(200, "{}"); }
Task<> hello_stream(Exchange& exchange) {
  exchange.answer(json_response(200, "{}"));
  co_return;
}

// A connection made here, for handshakes that no client of ours would do.
class RawTls {
 public:
  RawTls(uint16_t port, int version) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
    if (version == 0) return;  // says nothing
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, version);
    SSL_CTX_set_max_proto_version(context_, version);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    shaken_ = SSL_connect(ssl_) == 1;
    ERR_clear_error();
  }
  ~RawTls() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    close(fd_);
  }
  RawTls(const RawTls&) = delete;
  RawTls& operator=(const RawTls&) = delete;

  bool connected() const { return connected_; }
  bool shaken() const { return shaken_; }
  // The bytes of the certificate that the server showed.
  std::string certificate() const {
    X509* shown = SSL_get1_peer_certificate(ssl_);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(shown, EVP_sha256(), digest, &size);
    X509_free(shown);
    return {reinterpret_cast<const char*>(digest), size};
  }

 private:
  int fd_;
  bool connected_ = false;
  bool shaken_ = false;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
};

template <typename F>
bool soon(F holds) {
  for (const auto end = std::chrono::steady_clock::now() + 20s; std::chrono::steady_clock::now() < end;) {
    if (holds()) return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

// Everything here holds for both servers.
struct ListenerStats {
  uint64_t handshakes, failures, refused, reloads, reload_failures, now;
};
class Listener {
 public:
  virtual ~Listener() = default;
  virtual uint16_t port() const = 0;
  virtual ListenerStats stats() const = 0;
};

template <typename Server>
class ListenerOf final : public Listener {
 public:
  explicit ListenerOf(std::unique_ptr<Server> server) : server_(std::move(server)) {}
  uint16_t port() const override { return server_->address().port; }
  ListenerStats stats() const override {
    const auto stats = server_->stats();
    return {stats.tls_handshakes, stats.tls_failures,        stats.tls_handshakes_refused,
            stats.tls_reloads,    stats.tls_reload_failures, stats.connections_now};
  }

 private:
  std::unique_ptr<Server> server_;
};

class Tls : public testing::TestWithParam<bool> {
 protected:
  Tls() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's sockets write plainly
    certificate_ = folder_.file("cert.pem");
    key_ = folder_.file("key.pem");
    write_test_certificate(certificate_, key_);
    loops_ = *IoLoops::start({.threads = 1});
  }
  ~Tls() override { listener_.reset(); }

  template <typename Config>
  Config configured(size_t handshakes_max, std::chrono::milliseconds timeout) const {
    Config config;
    config.address = *parse_listen_address("127.0.0.1:0");
    config.tls_certificate_file = certificate_;
    config.tls_key_file = key_;
    config.tls_handshakes_max = handshakes_max;
    config.tls_handshake_timeout = timeout;
    return config;
  }
  base::Status start(size_t handshakes_max = 256, std::chrono::milliseconds timeout = 10'000ms) {
    if (GetParam()) {
      auto server = StreamServer::start(*loops_, configured<StreamServerConfig>(handshakes_max, timeout), hello_stream);
      if (!server) return std::move(server).error();
      listener_ = std::make_unique<ListenerOf<StreamServer>>(*std::move(server));
    } else {
      auto server = HttpServer::start(configured<HttpServerConfig>(handshakes_max, timeout), hello);
      if (!server) return std::move(server).error();
      listener_ = std::make_unique<ListenerOf<HttpServer>>(*std::move(server));
    }
    return base::ok();
  }

  base::TempDir folder_;
  std::string certificate_, key_;
  std::unique_ptr<IoLoops> loops_;
  std::unique_ptr<Listener> listener_;
};

INSTANTIATE_TEST_SUITE_P(Servers, Tls, testing::Values(false, true),
                         [](const auto& which) { return which.param ? "StreamServer" : "HttpServer"; });

TEST_P(Tls, SpeaksNothingOlderThanTls12) {
  ASSERT_TRUE(start());
  EXPECT_FALSE(RawTls(listener_->port(), TLS1_VERSION).shaken());
  EXPECT_FALSE(RawTls(listener_->port(), TLS1_1_VERSION).shaken());
  EXPECT_TRUE(RawTls(listener_->port(), TLS1_2_VERSION).shaken());
  EXPECT_TRUE(RawTls(listener_->port(), TLS1_3_VERSION).shaken());
  EXPECT_TRUE(soon([&] { return listener_->stats().failures == 2 && listener_->stats().handshakes == 2; }));
}

TEST_P(Tls, NamesAKeyThatDoesNotBelongToTheCertificate) {
  write_test_certificate(folder_.file("other.pem"), key_);
  const base::Status started = start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "the TLS key " + key_ + " does not belong to the certificate " + certificate_ +
                                           ": name the key it was made with");
}

TEST_P(Tls, TakesACertificateThatWasReplaced) {
  ASSERT_TRUE(start());
  std::string before, after;
  {
    const RawTls first(listener_->port(), TLS1_3_VERSION);
    ASSERT_TRUE(first.shaken());
    before = first.certificate();
  }
  write_test_certificate(certificate_, key_);
  reload_tls_certificates();
  const RawTls second(listener_->port(), TLS1_3_VERSION);
  ASSERT_TRUE(second.shaken());
  EXPECT_NE(second.certificate(), before);
  EXPECT_EQ(listener_->stats().reloads, 1U);
}

TEST_P(Tls, NoticesAReplacedFileByItself) {
  ASSERT_TRUE(start());
  write_test_certificate(certificate_, key_);
  EXPECT_TRUE(
      soon([&] { return RawTls(listener_->port(), TLS1_3_VERSION).shaken() && listener_->stats().reloads == 1; }));
}

TEST_P(Tls, KeepsTheCertificateWhenTheNewOneCannotBeUsed) {
  ASSERT_TRUE(start());
  std::ofstream(certificate_) << "-----BEGIN CERTIFICATE-----\nhalf";
  reload_tls_certificates();
  EXPECT_TRUE(RawTls(listener_->port(), TLS1_3_VERSION).shaken());
  EXPECT_EQ(listener_->stats().reload_failures, 1U);
  EXPECT_EQ(listener_->stats().reloads, 0U);
  write_test_certificate(certificate_, key_);
  reload_tls_certificates();
  EXPECT_TRUE(RawTls(listener_->port(), TLS1_3_VERSION).shaken());
  EXPECT_EQ(listener_->stats().reloads, 1U);
}

TEST_P(Tls, BoundsHandshakesInNumberAndTime) {
  ASSERT_TRUE(start(2, 300ms));
  const RawTls first(listener_->port(), 0);
  const RawTls second(listener_->port(), 0);
  ASSERT_TRUE(first.connected() && second.connected());
  ASSERT_TRUE(soon([&] { return listener_->stats().now == 2; }));
  EXPECT_FALSE(RawTls(listener_->port(), TLS1_3_VERSION).shaken());
  EXPECT_EQ(listener_->stats().refused, 1U);
  // The silent ones are given up, and there is room again.
  EXPECT_TRUE(soon([&] { return listener_->stats().failures >= 2; }));
  EXPECT_TRUE(RawTls(listener_->port(), TLS1_3_VERSION).shaken());
}

}  // namespace
}  // namespace godseye::net
