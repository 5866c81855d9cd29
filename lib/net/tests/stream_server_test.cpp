#include "fakes/loop_runner.h"
#include "fakes/raw_socket.h"
#include "fakes/test_certificate.h"

#include <atomic>

#include <godseye/base/temp_dir.h>
#include <godseye/net/http_client.h>
#include <godseye/net/stream_server.h>
#include <godseye/net/worker_pool.h>

#include <gtest/gtest.h>

namespace godseye::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Task<> echo(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  exchange.answer(json_response(200, request.method + " " + request.path + " " + request.body));
  co_return;
}

class StreamServerTest : public testing::Test {
 protected:
  ~StreamServerTest() override {
    server_.reset();
    loops_->stop();
  }
  StreamServer& start(StreamServer::Handler handler, StreamServerConfig config = {}) {
    if (config.address.host.empty() && config.address.path.empty())
      config.address = *parse_listen_address("127.0.0.1:0");
    auto server = StreamServer::start(*loops_, std::move(config), std::move(handler));
    EXPECT_TRUE(server) << (server ? "" : server.error().message());
    server_ = *std::move(server);
    return *server_;
  }
  std::string answer_to(std::string_view bytes) {
    RawSocket socket(server_->address().port);
    socket.send(bytes);
    socket.half_close();
    return socket.read_all();
  }

  std::unique_ptr<IoLoops> loops_ = *IoLoops::start({.threads = 2});
  std::unique_ptr<StreamServer> server_;
};

TEST_F(StreamServerTest, ServesRequestsOfOneConnectionInOrderAlsoPipelined) {
  start(echo);
  RawSocket socket(server_->address().port);
  socket.send(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
      "\r\nPOST /d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nT: 1\r\n\r\n"
      "GET /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string all = socket.read_all();
  const size_t a = all.find("GET /a ");
  const size_t b = all.find("POST /b c abc");
  const size_t d = all.find("POST /d def");
  const size_t e = all.find("GET /e ");
  EXPECT_TRUE(a < b && b < d && d < e && e != std::string::npos) << all;
  EXPECT_EQ(server_->stats().requests, 4U);
  EXPECT_EQ(server_->stats().connections, 1U);
}

TEST_F(StreamServerTest, AnswersAClientThatHasHalfClosedWhenTheAnswerIsThere) {
  start(echo);
  EXPECT_NE(answer_to("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").find("200 OK"), std::string::npos);
  EXPECT_NE(answer_to("GET /a HTTP/1.1\r\nHos").find("400 Bad Request"), std::string::npos);
  EXPECT_NE(answer_to("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").find("400 Bad Request"),
            std::string::npos);
}

TEST_F(StreamServerTest, RefusesWhatTwoServersCouldReadDifferently) {
  start(echo);
  const char* bad[] = {
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n;a\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA: b\n\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET nothing HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "hello\r\n\r\n",
  };
  for (const char* bytes : bad) {
    const std::string reply = answer_to(bytes);
    EXPECT_NE(reply.find("HTTP/1.1 400 Bad Request"), std::string::npos) << bytes << " → " << reply;
    EXPECT_NE(reply.find("{\"errors\":["), std::string::npos) << bytes;
    EXPECT_EQ(reply.find("200 OK"), std::string::npos) << bytes;
  }
  EXPECT_EQ(server_->stats().requests, 0U);
  EXPECT_EQ(server_->stats().malformed, std::size(bad));
}

TEST_F(StreamServerTest, LimitsHeadersAndBodiesAtTheNamedSizes) {
  StreamServerConfig config;
  config.header_bytes_max = 1000;
  config.header_fields_max = 5;
  config.body_bytes_max = 1000;
  config.bodies_bytes_max = 1500;
  start(echo, config);
  const std::string start_line = "GET / HTTP/1.1\r\nHost: x\r\n";
  const std::string fit = start_line + "A: " + std::string(1000 - start_line.size() - 7, 'a') + "\r\n\r\n";
  EXPECT_NE(answer_to(fit).find("200 OK"), std::string::npos);
  EXPECT_NE(answer_to(start_line + "A: " + std::string(1000, 'a') + "\r\n\r\n").find("431"), std::string::npos);
  EXPECT_NE(answer_to(start_line + "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n").find("431"), std::string::npos);
  EXPECT_NE(answer_to(start_line + std::string(5000, 'b')).find("431"), std::string::npos);
  const auto post = [&](size_t size) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  const auto chunked = [&](size_t size) {
    std::string chunks;
    for (size_t i = 0; i < size; ++i) chunks += "1\r\nx\r\n";
    return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n";
  };
  EXPECT_NE(answer_to(post(1000)).find("200 OK"), std::string::npos);
  EXPECT_NE(answer_to(post(1001)).find("413"), std::string::npos);
  EXPECT_NE(answer_to(chunked(1000)).find("200 OK"), std::string::npos);
  EXPECT_NE(answer_to(chunked(1001)).find("413"), std::string::npos);
  EXPECT_EQ(server_->stats().too_large, 2U);
  // Two bodies together pass the limit of all.
  RawSocket first(server_->address().port);
  first.send(post(1000).substr(0, post(1000).size() - 1));
  EXPECT_TRUE(eventually([&] {
    RawSocket second(server_->address().port);
    second.send(post(1000));
    second.half_close();
    return second.read_all().find("503") != std::string::npos;
  }));
  first.send("x");
  EXPECT_NE(first.read_until("xxx").find("200 OK"), std::string::npos);
}

TEST_F(StreamServerTest, SaysContinueOnlyToAClientThatWaits) {
  StreamServerConfig config;
  config.body_bytes_max = 10;
  start(echo, config);
  RawSocket socket(server_->address().port);
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("abc");
  EXPECT_NE(socket.read_until("abc").find("200 OK"), std::string::npos);
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(socket.read_until("abc").find("100 Continue"), std::string::npos);
  EXPECT_NE(answer_to("POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 3\r\n\r\n").find("417"),
            std::string::npos);
  EXPECT_NE(answer_to("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n").find("413"),
            std::string::npos);
}

TEST_F(StreamServerTest, CutsSlowSendersWithA408) {
  StreamServerConfig config;
  config.header_timeout = 30ms;
  config.body_timeout = 30ms;
  start(echo, config);
  RawSocket head(server_->address().port);
  head.send("GET / HTTP/1.1\r\n");
  EXPECT_NE(head.read_all().find("408"), std::string::npos);
  RawSocket body(server_->address().port);
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na");
  EXPECT_NE(body.read_all().find("408"), std::string::npos);
  EXPECT_EQ(server_->stats().timeouts, 2U);
}

Task<> count_to_three(Exchange& exchange) {
  exchange.begin({.status = 200, .headers = {{"Content-Type", "text/plain"}}});
  for (const std::string_view piece : {"one", "", "two", "three"}) {
    if (!co_await exchange.write(piece)) co_return;
    if (!co_await exchange.loop().sleep(1ms, &exchange.cancel())) co_return;
  }
  exchange.end();
}

TEST_F(StreamServerTest, SendsPiecesAsChunksAndKeepsTheConnection) {
  start(count_to_three);
  RawSocket socket(server_->address().port);
  for (int i = 0; i < 2; ++i) {
    socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_NE(socket.read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(socket.read_until("0\r\n\r\n"), "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
  }
  const std::string old = answer_to("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.find("chunked"), std::string::npos);
  RawSocket patient(server_->address().port);
  patient.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(patient.read_all().ends_with("\r\n\r\nonetwothree"));
  RawSocket head(server_->address().port);
  head.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(head.read_all().ends_with("\r\n\r\n"));
}

Task<> lie_about_length(Exchange& exchange) {
  exchange.begin({.status = 200, .headers = {}, .content_length = 5});
  if (exchange.request().path == "/long") {
    if (!co_await exchange.write("123456")) co_return;
  } else {
    if (!co_await exchange.write("123")) co_return;
  }
  exchange.end();
}

Task<> leave_open(Exchange& exchange) {
  if (exchange.request().path == "/silent") co_return;
  if (exchange.request().path == "/throws") throw std::runtime_error("on purpose");
  exchange.begin({});
  (void)co_await exchange.write("half");
}

TEST_F(StreamServerTest, CutsAnswersThatAreNotWhatTheySaid) {
  start(lie_about_length);
  RawSocket a(server_->address().port);
  a.send("GET /short HTTP/1.1\r\nHost: x\r\n\r\nGET /short HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(a.read_all().ends_with("\r\n\r\n123"));
  RawSocket b(server_->address().port);
  b.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(b.read_all().ends_with("\r\n\r\n"));
}

TEST_F(StreamServerTest, AnswersForHandlersThatDoNot) {
  start(leave_open);
  RawSocket socket(server_->address().port);
  socket.send("GET /silent HTTP/1.1\r\nHost: x\r\n\r\nGET /throws HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(socket.read_until("}").find("500 Internal"), std::string::npos);
  EXPECT_NE(socket.read_until("}").find("500 Internal"), std::string::npos);
  socket.send("GET /half HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string half = socket.read_all();
  EXPECT_NE(half.find("half"), std::string::npos);
  EXPECT_EQ(half.find("0\r\n\r\n"), std::string::npos);
}

struct FloodFacts {
  std::atomic<size_t> written{0};
  std::atomic<bool> gone{false};
};
FloodFacts flood_facts;

Task<> flood(Exchange& exchange) {
  exchange.begin({});
  const std::string piece(10'000, 'f');
  while (co_await exchange.write(piece)) flood_facts.written.fetch_add(piece.size());
  flood_facts.gone.store(exchange.cancel().requested());
}

TEST_F(StreamServerTest, HoldsBackAHandlerWhoseClientDoesNotReadAndTellsItWhenTheClientLeaves) {
  flood_facts.written = 0;
  flood_facts.gone = false;
  start(flood);
  {
    RawSocket socket(server_->address().port);
    socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    // Grows until the sockets are full, then stands still well below what an unbounded writer would reach.
    size_t last = ~size_t{0};
    EXPECT_TRUE(eventually([&] {
      std::this_thread::sleep_for(20ms);
      const size_t now = flood_facts.written.load();
      return now > 0 && std::exchange(last, now) == now;
    }));
    EXPECT_LT(flood_facts.written.load(), size_t{32} << 20);
    EXPECT_FALSE(flood_facts.gone.load());
    socket.read_until(std::string(5'000, 'f'));
    EXPECT_TRUE(eventually([&] { return flood_facts.written.load() >= last; }));
  }
  EXPECT_TRUE(eventually([&] { return flood_facts.gone.load(); }));
  EXPECT_EQ(server_->stats().clients_gone, 1U);
}

TEST_F(StreamServerTest, GivesUpOnAClientThatTakesNothing) {
  flood_facts.written = 0;
  flood_facts.gone = false;
  StreamServerConfig config;
  config.write_timeout = 50ms;
  start(flood, config);
  RawSocket socket(server_->address().port);
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return flood_facts.gone.load(); }));
  EXPECT_EQ(server_->stats().timeouts, 1U);
}

TEST_F(StreamServerTest, GivesUpOnAClientThatTakesAByteNowAndThen) {
  flood_facts.written = 0;
  flood_facts.gone = false;
  StreamServerConfig config;
  config.write_timeout = 50ms;
  start(flood, config);
  RawSocket socket(server_->address().port);
  socket.take_little_ahead();
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] {
    socket.read_some(16);
    std::this_thread::sleep_for(1ms);
    return flood_facts.gone.load();
  }));
  EXPECT_EQ(server_->stats().timeouts, 1U);
}

Task<> wait_for_cancel(Exchange& exchange) {
  const bool slept = co_await exchange.loop().sleep(60'000ms, &exchange.cancel());
  exchange.answer(json_response(slept ? 200 : 499, "{}"));
}

TEST_F(StreamServerTest, StopCancelsWhatStillRuns) {
  start(wait_for_cancel);
  RawSocket busy(server_->address().port);
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  RawSocket idle(server_->address().port);
  EXPECT_TRUE(eventually([&] { return server_->stats().exchanges_now == 1; }));
  EXPECT_FALSE(server_->stop(20ms));
  EXPECT_EQ(server_->stats().connections_now, 0U);
  EXPECT_EQ(server_->stats().exchanges_now, 0U);
  EXPECT_EQ(busy.read_all(), "");
  EXPECT_EQ(idle.read_all(), "");
}

TEST_F(StreamServerTest, RefusesMoreExchangesAndConnectionsThanAllowed) {
  StreamServerConfig config;
  config.exchanges_max = 1;
  config.connections_max = 2;
  config.refusal = [](int status, std::string_view text) { return json_response(status, "own: " + std::string(text)); };
  start(wait_for_cancel, config);
  RawSocket busy(server_->address().port);
  busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server_->stats().exchanges_now == 1; }));
  RawSocket second(server_->address().port);
  second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string refused = second.read_until("later");
  EXPECT_NE(refused.find("503"), std::string::npos);
  EXPECT_NE(refused.find("Retry-After: 1"), std::string::npos);
  EXPECT_NE(refused.find("own: too many"), std::string::npos);
  RawSocket third(server_->address().port);
  EXPECT_EQ(third.read_all(), "");
  EXPECT_EQ(server_->stats().overloaded, 1U);
  EXPECT_EQ(server_->stats().connections_refused, 1U);
}

TEST_F(StreamServerTest, SpeaksTlsAndUnixSockets) {
  const base::TempDir folder;
  write_test_certificate(folder.file("cert.pem"), folder.file("key.pem"));
  StreamServerConfig config;
  config.tls_certificate_file = folder.file("cert.pem");
  config.tls_key_file = folder.file("key.pem");
  start(count_to_three, config);
  HttpClient client({.tls_ca_file = folder.file("cert.pem")});
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.send({.url = "https://127.0.0.1:" + std::to_string(server_->address().port) + "/"});
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->body, "onetwothree");
  }
  EXPECT_EQ(client.stats().connects, 1U);
  RawSocket plain(server_->address().port);
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  plain.read_all();
  EXPECT_EQ(server_->stats().tls_failures, 1U);
  server_.reset();
  config = {};
  config.address = *parse_listen_address("unix:" + folder.file("s.sock"));
  start(echo, config);
  const auto reply = client.send({.method = "POST",
                                  .url = "http://engine/x",
                                  .unix_socket = folder.file("s.sock"),
                                  .body = std::string_view("hello")});
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->body, "POST /x hello");
  client.stop();
}

Task<> block_a_little(Exchange& exchange, WorkerPool& pool) {
  const auto quick = co_await run_blocking(exchange.loop(), pool, 10'000ms, [] { return 42; });
  std::promise<void> gate;
  auto opened = std::make_shared<std::shared_future<void>>(gate.get_future().share());
  const auto slow = co_await run_blocking(exchange.loop(), pool, 5ms, [opened] { return opened->wait(), 1; });
  gate.set_value();
  const auto thrown =
      co_await run_blocking(exchange.loop(), pool, 10'000ms, []() -> int { throw std::runtime_error("on purpose"); });
  std::string text = std::to_string(*quick);
  text += slow ? " in time" : " " + std::string(base::error_code_name(slow.error().code()));
  text += thrown ? " fine" : " " + std::string(base::error_code_name(thrown.error().code()));
  exchange.answer(json_response(200, text));
}

TEST_F(StreamServerTest, BlockingWorkRunsElsewhereWithALimit) {
  WorkerPool pool(1, 4, "test");
  start([&pool](Exchange& exchange) { return block_a_little(exchange, pool); });
  EXPECT_EQ(server_->stats().requests, 0U);
  RawSocket socket(server_->address().port);
  socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(socket.read_until("internal").find("42 timeout internal"), std::string::npos);
  server_.reset();
  pool.stop();
}

}  // namespace
}  // namespace godseye::net
