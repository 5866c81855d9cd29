#include "fakes/loop_runner.h"
#include "fakes/raw_socket.h"
#include "fakes/scripted_server.h"
#include "fakes/test_certificate.h"

#include <atomic>

#include <godseye/base/temp_dir.h>
#include <godseye/net/http_server.h>
#include <godseye/net/stream_client.h>
#include <godseye/net/stream_server.h>

#include <gtest/gtest.h>

namespace godseye::net {
namespace {

using Kind = CallFailureKind;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class StreamClientTest : public testing::Test {
 protected:
  StreamClientTest() { renew({}); }
  ~StreamClientTest() override {
    client_.reset();
    loops_->stop();
  }
  void renew(StreamClientConfig config) {
    client_.reset();
    client_ = *StreamClient::create(*loops_, std::move(config));
  }
  IoLoop& loop() { return loops_->at(0); }
  static StreamCall call(const std::string& url, std::string body = "{}") {
    return {.method = "POST", .url = *parse_url(url), .unix_socket = {}, .headers = {}, .body = std::move(body)};
  }
  Outcome send(StreamCall wanted, Cancel* cancel = nullptr) {
    return outcome_of(loop(), *client_, std::move(wanted), cancel);
  }

  std::unique_ptr<IoLoops> loops_ = *IoLoops::start({.threads = 1});
  std::unique_ptr<StreamClient> client_;
};

// A script that reads one request and sends `bytes`.
std::function<void(ScriptedServer::Peer&)> says(std::string bytes) {
  return [bytes](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send(bytes);
  };
}

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(StreamClientTest, ReadsEveryFramingOfABody) {
  struct Case {
    std::string bytes;
    std::string body;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ""},
      {"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"},
      {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", "until the end"},
      {kChunked + "5\r\nhello\r\n1;a=\"b\"\r\n \r\n005 \r\nworld\r\n0\r\nTrailer: dropped\r\n\r\n", "hello world"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kChunked + "0\r\n\r\n", ""},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", ""},
  };
  for (const Case& one : cases) {
    ScriptedServer server(says(one.bytes));
    const Outcome out = send(call(server.url()));
    EXPECT_FALSE(out.failure) << one.bytes << out.failure->text;
    EXPECT_EQ(out.body, one.body) << one.bytes;
    EXPECT_EQ(out.headers.find("Link"), nullptr);
  }
}

TEST_F(StreamClientTest, SendsWhatItIsToldAndNamesTheHost) {
  std::string seen;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    seen = peer.read_until("body");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  StreamCall wanted = call(server.url("/v1/x?y=z"), "body");
  wanted.headers = {{"X-A", "b"}, {"Content-Length", "7"}, {"connection", "upgrade"}, {"Host", "evil"}};
  EXPECT_EQ(send(wanted).status, 200);
  EXPECT_EQ(seen, "POST /v1/x?y=z HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                      "\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody");
  wanted.headers = {{"X-A", "b\r\nInjected: c"}};
  EXPECT_EQ(send(wanted).failure->kind, Kind::kInvalid);
  wanted.headers = {};
  wanted.url.target = "/a b";
  EXPECT_EQ(send(wanted).failure->kind, Kind::kInvalid);
  wanted.url.target = "/";
  wanted.method = "GET /";
  EXPECT_EQ(send(wanted).failure->kind, Kind::kInvalid);
}

TEST_F(StreamClientTest, RefusesAnswersThatCouldBeReadTwoWays) {
  const std::string bad[] = {
      "hello\r\n\r\n",
      "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
      "HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\na",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
      kChunked + "g\r\n",
      kChunked + "\r\n",
      kChunked + "1\r\nab\r\n",
      kChunked + "1\na\n0\n\n",
      kChunked + "1111111111111111\r\n",
      kChunked + "0\r\nA: b\n\r\n",
  };
  for (const std::string& bytes : bad) {
    ScriptedServer server(says(bytes));
    const Outcome out = send(call(server.url()));
    ASSERT_TRUE(out.failure) << bytes;
    EXPECT_EQ(out.failure->kind, Kind::kMalformed) << bytes << out.failure->text;
  }
}

TEST_F(StreamClientTest, ToldOfAResetAtEveryByteOfAnAnswer) {
  const std::string whole = kChunked + "5\r\nhello\r\n6;x\r\n world\r\n0\r\nT: u\r\n\r\n";
  std::atomic<size_t> sent{0};
  std::atomic<bool> reset{false};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send(std::string_view(whole).substr(0, sent.load()));
    if (reset.load()) peer.reset();
  });
  for (const bool hard : {false, true}) {
    reset = hard;
    for (size_t size = 0; size < whole.size(); ++size) {
      sent = size;
      const Outcome out = send(call(server.url()));
      ASSERT_TRUE(out.failure) << size;
      EXPECT_EQ(out.failure->kind, Kind::kReset) << size << out.failure->text;
      EXPECT_TRUE(std::string_view("hello world").starts_with(out.body)) << size;
    }
  }
  sent = whole.size();
  reset = false;
  EXPECT_EQ(send(call(server.url())).body, "hello world");
}

TEST_F(StreamClientTest, ReadsAnswersThatArriveByteByByte) {
  const std::string whole = kChunked + "5\r\nhello\r\n6;x\r\n world\r\n0\r\nT: u\r\n\r\n";
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    for (const char c : whole) {
      peer.send(std::string_view(&c, 1));
      std::this_thread::yield();
    }
  });
  const Outcome out = send(call(server.url()));
  EXPECT_FALSE(out.failure);
  EXPECT_EQ(out.body, "hello world");
}

TEST_F(StreamClientTest, ALengthThatLiesIsAFailureOrEndsTheConnection) {
  ScriptedServer more(says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"));
  EXPECT_EQ(send(call(more.url())).failure->kind, Kind::kReset);
  ScriptedServer fewer([](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello");
    EXPECT_TRUE(peer.closed_by_client());
  });
  EXPECT_EQ(send(call(fewer.url())).body, "he");
  EXPECT_EQ(client_->stats().idle_now, 0U);
}

TEST_F(StreamClientTest, ReusesConnectionsAndForgetsThoseTheServerCloses) {
  std::atomic<bool> close{false};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    while (!peer.read_until("{}").empty()) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      if (close.load()) return;
    }
  });
  EXPECT_FALSE(send(call(server.url())).reused);
  EXPECT_TRUE(send(call(server.url())).reused);
  EXPECT_EQ(client_->stats().connects, 1U);
  EXPECT_EQ(client_->stats().idle_now, 1U);
  close = true;
  EXPECT_TRUE(send(call(server.url())).reused);
  EXPECT_TRUE(eventually([&] { return client_->stats().idle_now == 0; }));
  const Outcome fresh = send(call(server.url()));
  EXPECT_FALSE(fresh.failure);
  EXPECT_FALSE(fresh.reused);
  EXPECT_EQ(client_->stats().connects, 2U);
}

TEST_F(StreamClientTest, RepeatsOnAFreshConnectionOnlyWhatMayBeRepeated) {
  // Every connection serves one call and breaks when it gets a second one.
  const auto script = [](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_until("{}");
    peer.reset();
  };
  ScriptedServer server(script);
  EXPECT_EQ(send(call(server.url())).body, "ok");
  StreamCall repeatable = call(server.url());
  repeatable.idempotent = true;
  EXPECT_EQ(send(repeatable).body, "ok");
  EXPECT_EQ(client_->stats().retries, 1U);
  const Outcome once = send(call(server.url()));
  ASSERT_TRUE(once.failure);
  EXPECT_EQ(once.failure->kind, Kind::kReset);
  EXPECT_TRUE(once.failure->maybe_handled);
  EXPECT_EQ(client_->stats().retries, 1U);
}

TEST_F(StreamClientTest, RepeatsAPostOnceWhenAKeptConnectionTurnsOutToBeStale) {
  std::atomic<int> connections{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    const bool first = connections++ == 0;
    peer.read_until("{}");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.read_until("{}");
    if (first) return peer.reset();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  StreamCall post = call(server.url());
  post.retry_stale = true;
  EXPECT_EQ(send(post).body, "ok");
  const Outcome again = send(post);
  EXPECT_FALSE(again.failure);
  EXPECT_EQ(again.body, "ok");
  EXPECT_EQ(connections, 2);
  EXPECT_EQ(client_->stats().retries, 1U);
}

TEST_F(StreamClientTest, NamesTheKindOfFailure) {
  EXPECT_EQ(send(call("http://127.0.0.1:1/")).failure->kind, Kind::kConnect);
  EXPECT_FALSE(send(call("http://127.0.0.1:1/")).failure->maybe_handled);
  EXPECT_EQ(send(call("http://no-such-host.invalid/")).failure->kind, Kind::kDns);
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.send("this is not TLS, this is not TLS");
    peer.closed_by_client();
  });
  EXPECT_EQ(send(call("https://127.0.0.1:" + std::to_string(server.port()) + "/")).failure->kind, Kind::kTls);
  StreamCall local = call("http://engine/");
  local.unix_socket = "/tmp/godseye-no-such-socket";
  EXPECT_EQ(send(local).failure->kind, Kind::kConnect);
  ScriptedServer huge(says("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'a') + "\r\n\r\n"));
  EXPECT_EQ(send(call(huge.url())).failure->kind, Kind::kTooLarge);
}

TEST_F(StreamClientTest, KeepsItsDeadlines) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    const std::string request = peer.read_until("{}");
    if (request.find("/stalls") != std::string::npos) peer.send(kChunked + "5\r\nhel");
    if (request.find("/drips") != std::string::npos) {
      peer.send(kChunked);
      for (int i = 0; i < 2000; ++i) {
        peer.send("1\r\nx\r\n");
        std::this_thread::sleep_for(1ms);
      }
      return;
    }
    peer.closed_by_client();
  });
  StreamCall silent = call(server.url("/silent"));
  silent.deadlines.head = 20ms;
  EXPECT_EQ(send(silent).failure->kind, Kind::kTimeout);
  StreamCall stalls = call(server.url("/stalls"));
  stalls.deadlines.idle = 20ms;
  const Outcome stalled = send(stalls);
  EXPECT_EQ(stalled.failure->kind, Kind::kTimeout);
  EXPECT_EQ(stalled.body, "hel");
  StreamCall drips = call(server.url("/drips"));
  drips.deadlines.total = 50ms;
  EXPECT_EQ(send(drips).failure->kind, Kind::kTimeout);
  // A listener that accepts nothing: TLS never begins.
  StreamCall mute = call("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  mute.deadlines.connect = 20ms;
  EXPECT_EQ(send(mute).failure->kind, Kind::kTimeout);
}

Task<> cancel_after_first_piece(IoLoop& on, StreamClient& client, StreamCall wanted, Outcome& out) {
  Cancel cancel;
  std::unique_ptr<StreamAnswer> answer = co_await client.call(on, std::move(wanted), &cancel);
  out.body = co_await answer->next();
  on.post([&cancel] { cancel.request(); });
  const std::string_view second = co_await answer->next();
  out.pieces = second.size();
  out.failure = answer->failure();
}

TEST_F(StreamClientTest, CancelEndsTheWaitAndTheConnection) {
  std::promise<bool> closed;
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send(kChunked + "5\r\nhello\r\n");
    closed.set_value(peer.closed_by_client());
  });
  Outcome out;
  run_on(loop(), cancel_after_first_piece(loop(), *client_, call(server.url()), out));
  EXPECT_EQ(out.body, "hello");
  EXPECT_EQ(out.pieces, 0U);
  EXPECT_EQ(out.failure->kind, Kind::kCancelled);
  EXPECT_TRUE(closed.get_future().get());
}

TEST_F(StreamClientTest, AnEarlyAnswerToAHugeRequestIsRead) {
  ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.read_until("\r\n\r\n");
    peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    peer.closed_by_client();
  });
  const Outcome out = send(call(server.url(), std::string(40 << 20, 'x')));
  EXPECT_FALSE(out.failure) << out.failure->text;
  EXPECT_EQ(out.status, 413);
  // Not whether the connection is kept: the peer reads while it waits, so all of the request may have been sent by
  // then.
}

TEST_F(StreamClientTest, SpeaksTlsAndChecksTheCertificate) {
  const base::TempDir folder;
  write_test_certificate(folder.file("cert.pem"), folder.file("key.pem"));
  HttpServerConfig config;
  config.address = *parse_listen_address("127.0.0.1:0");
  config.tls_certificate_file = folder.file("cert.pem");
  config.tls_key_file = folder.file("key.pem");
  const std::string body(300'000, 'b');
  auto server = *HttpServer::start(config, [&](const HttpRequest& request) {
    return json_response(200, request.body.size() > 10 ? body : "small");
  });
  const std::string port = std::to_string(server->address().port);
  EXPECT_EQ(send(call("https://127.0.0.1:" + port)).failure->kind, Kind::kTls);
  renew({.tls_ca_file = folder.file("cert.pem")});
  EXPECT_EQ(send(call("https://127.0.0.1:" + port)).body, "small");
  EXPECT_EQ(send(call("https://localhost:" + port, std::string(1 << 20, 'x'))).body, body);
  EXPECT_TRUE(send(call("https://127.0.0.1:" + port)).reused);
  const Outcome wrong = send(call("https://127.0.0.2:" + port));
  EXPECT_EQ(wrong.failure->kind, Kind::kConnect) << wrong.failure->text;
  EXPECT_FALSE(StreamClient::create(*loops_, {.tls_ca_file = "/no/such/file"}));
}

TEST_F(StreamClientTest, PullsNoFasterThanItsReader) {
  std::atomic<size_t> sent{0};
  ScriptedServer server([&](ScriptedServer::Peer& peer) {
    peer.read_until("{}");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 1000; ++i) {
      peer.send(piece);
      sent += piece.size();
    }
  });
  struct Slow {
    static Task<> read(IoLoop& on, StreamClient& client, StreamCall wanted, std::atomic<size_t>& progress, size_t& got,
                       bool& bounded) {
      std::unique_ptr<StreamAnswer> answer = co_await client.call(on, std::move(wanted));
      size_t last = ~size_t{0};
      while (std::exchange(last, progress.load()) != progress.load() || last == 0) (void)co_await on.sleep(20ms);
      bounded = progress.load() < 50'000'000;
      while (true) {
        const std::string_view piece = co_await answer->next();
        if (piece.empty()) break;
        got += piece.size();
      }
    }
  };
  size_t got = 0;
  bool bounded = false;
  run_on(loop(), Slow::read(loop(), *client_, call(server.url()), sent, got, bounded));
  EXPECT_TRUE(bounded);
  EXPECT_EQ(got, 100'000'000U);
}

TEST(EndToEndHeaders, DropsWhatBelongsToOneConnection) {
  const Headers kept = end_to_end_headers({{"Connection", "x-hop, keep-alive"},
                                           {"X-Hop", "1"},
                                           {"Keep-Alive", "timeout=5"},
                                           {"Transfer-Encoding", "chunked"},
                                           {"Content-Length", "3"},
                                           {"Content-Type", "text/plain"},
                                           {"X-RateLimit-Remaining", "7"}});
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept.get("content-type"), "text/plain");
  EXPECT_EQ(kept.get("x-ratelimit-remaining"), "7");
}

}  // namespace
}  // namespace godseye::net
