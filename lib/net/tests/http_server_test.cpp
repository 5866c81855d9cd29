#include "fakes/raw_socket.h"

#include <atomic>
#include <future>
#include <thread>

#include <godseye/net/content_coding.h>
#include <godseye/net/http_client.h>
#include <godseye/net/http_server.h>

#include <gtest/gtest.h>

namespace godseye::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

HttpResponse echo(const HttpRequest& request) {
  return json_response(200, request.method + " " + request.path + " " + std::to_string(request.body.size()));
}

std::unique_ptr<HttpServer> start(HttpServer::Handler handler, HttpServerConfig config = {}) {
  config.address = *parse_listen_address("127.0.0.1:0");
  auto server = HttpServer::start(std::move(config), std::move(handler));
  EXPECT_TRUE(server) << (server ? "" : server.error().message());
  return *std::move(server);
}

// The status line and body of the answer to `bytes` on a connection of its own.
std::string answer_to(HttpServer& server, std::string_view bytes) {
  RawSocket socket(server.address().port);
  socket.send(bytes);
  socket.half_close();
  return socket.read_all();
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(HttpServer, ServesRequestsOfOneConnectionInOrderAlsoPipelined) {
  auto server = start(echo);
  RawSocket socket(server->address().port);
  socket.send(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b%20c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /d "
      "HTTP/1.1\r\n"
      "Host: x\r\nConnection: close\r\n\r\n");
  const std::string all = socket.read_all();
  const size_t a = all.find("GET /a 0");
  const size_t b = all.find("POST /b c 3");
  const size_t d = all.find("GET /d 0");
  EXPECT_TRUE(a < b && b < d && d != std::string::npos) << all;
  EXPECT_EQ(server->stats().requests, 3U);
  EXPECT_EQ(server->stats().connections, 1U);
}

TEST(HttpServer, AnswersAClientThatHasHalfClosed) {
  auto server = start(echo);
  EXPECT_NE(answer_to(*server, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n").find("200 OK"), std::string::npos);
  EXPECT_NE(answer_to(*server, "GET /a HTTP/1.1\r\nHos").find("400 Bad Request"), std::string::npos);
  EXPECT_NE(answer_to(*server, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").find("400 Bad Request"),
            std::string::npos);
}

TEST(HttpServer, UnderstandsChunkedBodiesAndIgnoresTrailers) {
  auto server = start([](const HttpRequest& request) {
    return json_response(200, request.body + "|" + std::string(request.headers.get("DD-API-KEY", "none")));
  });
  const std::string reply = answer_to(*server,
                                      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                      "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nDD-API-KEY: sneaked\r\n\r\n");
  EXPECT_NE(reply.find("abcde|none"), std::string::npos) << reply;
}

TEST(HttpServer, RefusesWhatTwoServersCouldReadDifferently) {
  auto server = start(echo);
  const char* bad[] = {
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET nothing HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /?a=%4 HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "hello\r\n\r\n",
  };
  for (const char* bytes : bad) {
    const std::string reply = answer_to(*server, bytes);
    EXPECT_NE(reply.find("HTTP/1.1 400 Bad Request"), std::string::npos) << bytes << " → " << reply;
    EXPECT_NE(reply.find("{\"errors\":["), std::string::npos) << bytes;
    EXPECT_EQ(reply.find("200 OK"), std::string::npos) << bytes;
  }
  EXPECT_EQ(server->stats().requests, 0U);
  EXPECT_EQ(server->stats().malformed, std::size(bad));
}

TEST(HttpServer, LimitsTheHeader) {
  HttpServerConfig config;
  config.header_bytes_max = 2000;
  auto server = start(echo, config);
  const auto get = [&](size_t filler) {
    return answer_to(*server, "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(filler, 'a') + "\r\n\r\n");
  };
  EXPECT_NE(get(1900).find("200 OK"), std::string::npos);
  EXPECT_NE(get(2000).find("431 "), std::string::npos);
  EXPECT_NE(get(1'000'000).find("431 "), std::string::npos);
}

TEST(HttpServer, LimitsTheBodyAtUnderAndOver) {
  HttpServerConfig config;
  config.body_bytes_max = 1000;
  auto server = start(echo, config);
  const auto post = [&](size_t bytes, bool chunked) {
    const std::string body(bytes, 'b');
    if (!chunked)
      return answer_to(*server,
                       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" + body);
    char size[16];
    std::snprintf(size, sizeof(size), "%zx", bytes);
    return answer_to(*server, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(size) +
                                  "\r\n" + body + "\r\n0\r\n\r\n");
  };
  for (const bool chunked : {false, true}) {
    EXPECT_NE(post(999, chunked).find("POST / 999"), std::string::npos);
    EXPECT_NE(post(1000, chunked).find("POST / 1000"), std::string::npos);
    EXPECT_NE(post(1001, chunked).find("413 "), std::string::npos);
    EXPECT_NE(post(3'000'000, chunked).find("413 "), std::string::npos);
  }
  EXPECT_EQ(server->stats().too_large, 4U);
}

TEST(HttpServer, DecompressesBodiesAndStopsBombs) {
  HttpServerConfig config;
  config.body_bytes_max = 100'000;
  auto server = start(echo, config);
  const auto post = [&](std::string_view coding, const std::string& body) {
    return answer_to(*server, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Encoding: " + std::string(coding) +
                                  "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_NE(post("gzip", gzip(std::string(100'000, 'x'))).find("POST /p 100000"), std::string::npos);
  EXPECT_NE(post("gzip", gzip(std::string(100'001, 'x'))).find("413 "), std::string::npos);
  EXPECT_NE(post("gzip", gzip(std::string(50 << 20, 'x'))).find("413 "), std::string::npos);
  EXPECT_NE(post("gzip", "not gzip").find("400 "), std::string::npos);
  EXPECT_NE(post("br", "x").find("415 "), std::string::npos);
}

TEST(HttpServer, ClosesSlowClientsWith408) {
  HttpServerConfig config;
  config.header_timeout = 100ms;
  config.body_timeout = 100ms;
  config.idle_timeout = 100ms;
  auto server = start(echo, config);
  RawSocket header(server->address().port);
  header.send("GET / HTTP/1.1\r\nHos");
  EXPECT_NE(header.read_all().find("408 "), std::string::npos);
  RawSocket body(server->address().port);
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_NE(body.read_all().find("408 "), std::string::npos);
  RawSocket idle(server->address().port);
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(server->stats().timeouts, 2U);
}

// A client that drips one byte after the other is as slow as one that sends nothing.
TEST(HttpServer, SlowLorisDoesNotExtendTheDeadline) {
  HttpServerConfig config;
  config.header_timeout = 200ms;
  auto server = start(echo, config);
  RawSocket socket(server->address().port);
  socket.send("GET / HTTP/1.1\r\n");
  std::atomic<bool> done{false};
  std::thread drip([&] {
    for (int i = 0; i < 10'000 && !done; ++i) {
      socket.send("X-A: b\r\n");
      std::this_thread::sleep_for(20ms);  // the rate of the attack, not a synchronisation
    }
  });
  EXPECT_NE(socket.read_until("}").find("408 "), std::string::npos);
  done = true;
  drip.join();
}

TEST(HttpServer, RefusesConnectionsBeyondTheLimit) {
  HttpServerConfig config;
  config.connections_max = 2;
  auto server = start(echo, config);
  RawSocket one(server->address().port);
  RawSocket two(server->address().port);
  one.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  two.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(one.read_until("GET / 0").find("200"), std::string::npos);
  EXPECT_NE(two.read_until("GET / 0").find("200"), std::string::npos);
  RawSocket three(server->address().port);
  three.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(three.read_all(), "");
  EXPECT_EQ(server->stats().connections_refused, 1U);
}

TEST(HttpServer, AnswersFullQueueWith503) {
  HttpServerConfig config;
  config.workers = 1;
  config.queue_max = 1;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> running{0};
  auto server = start(
      [&](const HttpRequest& request) {
        ++running;
        released.wait();
        return echo(request);
      },
      config);
  RawSocket one(server->address().port);
  one.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running == 1; }));
  RawSocket two(server->address().port);
  two.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server->stats().requests == 2; }));
  RawSocket three(server->address().port);
  three.send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string refused = three.read_all();
  EXPECT_NE(refused.find("503 "), std::string::npos) << refused;
  EXPECT_NE(refused.find("Retry-After: 1"), std::string::npos);
  release.set_value();
  EXPECT_NE(one.read_until("GET /1 0").find("200"), std::string::npos);
  EXPECT_NE(two.read_until("GET /2 0").find("200"), std::string::npos);
  EXPECT_EQ(server->stats().overloaded, 1U);
}

TEST(HttpServer, BoundsTheMemoryOfAllBodies) {
  HttpServerConfig config;
  config.bodies_bytes_max = 5000;
  auto server = start(echo, config);
  RawSocket one(server->address().port);
  one.send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4001\r\n\r\n" + std::string(4000, 'x'));
  RawSocket two(server->address().port);
  const std::string post = "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'x');
  // The first connection's bytes may not have been read yet, so ask until they count.
  ASSERT_TRUE(eventually([&] { return answer_to(*server, post).find("503 ") != std::string::npos; }));
  one.send("x");
  EXPECT_NE(one.read_until("POST /1 4001").find("200"), std::string::npos);
  ASSERT_TRUE(eventually([&] { return answer_to(*server, post).find("200 ") != std::string::npos; }));
}

TEST(HttpServer, CatchesWhatAHandlerThrowsAndDropsBadHeaders) {
  auto server = start([](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/throw") throw std::runtime_error("no");
    HttpResponse response = json_response(200, "{}");
    response.headers.add("X-Bad", "a\r\nSet-Cookie: b");
    response.headers.add("Content-Length", "7");
    return response;
  });
  EXPECT_NE(answer_to(*server, "GET /throw HTTP/1.1\r\nHost: x\r\n\r\n").find("500 "), std::string::npos);
  const std::string reply = answer_to(*server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(reply.find("Set-Cookie"), std::string::npos);
  EXPECT_NE(reply.find("Content-Length: 2"), std::string::npos);
  EXPECT_EQ(server->stats().handler_failures, 1U);
  EXPECT_EQ(server->stats().bad_response_headers, 2U);
}

TEST(HttpServer, CompressesLargeTextWhenAsked) {
  auto server = start([](const HttpRequest&) { return json_response(200, std::string(10'000, 'x')); });
  HttpClient client;
  HttpCall call{.url = "http://" + server->address().text() + "/", .headers = {{"Accept-Encoding", "gzip"}}};
  const HttpReply small = *client.send(call);
  EXPECT_EQ(small.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(*decode_content("gzip", small.body, 1 << 20), std::string(10'000, 'x'));
  call.headers = {};
  const HttpReply plain = *client.send(call);
  EXPECT_EQ(plain.body.size(), 10'000U);
  EXPECT_EQ(plain.headers.get("Vary"), "Accept-Encoding");
}

TEST(HttpServer, HeadHasALengthAndNoBody) {
  auto server = start(echo);
  const std::string reply = answer_to(*server, "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(reply.find("Content-Length: 9"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST(HttpServer, Http10ClosesUnlessAskedToKeep) {
  auto server = start(echo);
  RawSocket socket(server->address().port);
  socket.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_NE(socket.read_all().find("Connection: close"), std::string::npos);
}

TEST(HttpServer, ContinuesWhenTheClientWaitsForIt) {
  auto server = start(echo);
  RawSocket socket(server->address().port);
  socket.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("ab");
  EXPECT_NE(socket.read_until("POST /a 2").find("200 OK"), std::string::npos);
}

TEST(HttpServer, StreamsEventsUntilTheyEnd) {
  std::promise<std::shared_ptr<EventStream>> opened;
  auto server = start([&](const HttpRequest&) {
    HttpResponse response;
    response.stream = std::make_shared<EventStream>();
    opened.set_value(response.stream);
    return response;
  });
  RawSocket socket(server->address().port);
  socket.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = opened.get_future().get();
  EXPECT_TRUE(stream->send("tick", "1"));
  EXPECT_NE(socket.read_until("event: tick\ndata: 1\n\n").find("text/event-stream"), std::string::npos);
  EXPECT_EQ(server->stats().event_streams_now, 1U);
  EXPECT_TRUE(stream->send("tick", "2"));
  EXPECT_NE(socket.read_until("data: 2\n\n").find("tick"), std::string::npos);
  stream->close();
  EXPECT_TRUE(socket.read_all().ends_with("0\r\n\r\n"));
  EXPECT_TRUE(eventually([&] { return server->stats().event_streams_now == 0; }));
}

TEST(HttpServer, WritesAnAnswerInPieces) {
  auto server = start([](const HttpRequest&) {
    HttpResponse response;
    response.pieces = [left = 3](std::string& piece) mutable {
      if (left-- > 0) piece = "abc";
      return true;
    };
    return response;
  });
  RawSocket socket(server->address().port);
  socket.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string reply = socket.read_until("0\r\n\r\n");
  EXPECT_NE(reply.find("Transfer-Encoding: chunked"), std::string::npos) << reply;
  EXPECT_TRUE(reply.ends_with("3\r\nabc\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n")) << reply;
  // The connection can be used again.
  socket.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(socket.read_all().ends_with("\r\n\r\nabcabcabc"));
}

TEST(HttpServer, CutsAnAnswerThatCannotBeCompleted) {
  auto server = start([](const HttpRequest& request) {
    HttpResponse response;
    response.pieces = [first = true, throws = request.path == "/throws"](std::string& piece) mutable {
      piece = "abc";
      if (first) return !(first = false);
      if (throws) throw std::runtime_error("gone");
      return false;
    };
    return response;
  });
  for (const std::string path : {"/fails", "/throws"}) {
    const std::string reply = answer_to(*server, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(reply.ends_with("3\r\nabc\r\n")) << reply;
  }
  EXPECT_EQ(server->stats().handler_failures, 2U);
}

TEST(HttpServer, NoticesThatAnEventClientLeft) {
  std::promise<std::shared_ptr<EventStream>> opened;
  auto server = start([&](const HttpRequest&) {
    HttpResponse response;
    response.stream = std::make_shared<EventStream>();
    opened.set_value(response.stream);
    return response;
  });
  std::shared_ptr<EventStream> stream;
  {
    RawSocket socket(server->address().port);
    socket.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
    stream = opened.get_future().get();
    socket.read_until("\r\n\r\n");
  }
  EXPECT_TRUE(eventually([&] { return stream->closed(); }));
  EXPECT_FALSE(stream->send("tick", "1"));
}

TEST(HttpServer, DropsAnEventClientThatDoesNotRead) {
  std::promise<std::shared_ptr<EventStream>> opened;
  auto server = start([&](const HttpRequest&) {
    HttpResponse response;
    response.stream = std::make_shared<EventStream>(100'000);
    opened.set_value(response.stream);
    return response;
  });
  RawSocket socket(server->address().port);
  socket.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto stream = opened.get_future().get();
  const std::string event(50'000, 'x');
  EXPECT_TRUE(eventually([&] { return !stream->send("tick", event); }));
  EXPECT_TRUE(stream->overflowed());
}

TEST(HttpServer, StopAnswersWhatRunsAndEndsStreams) {
  std::promise<void> release;
  std::atomic<int> running{0};
  auto server = start([&](const HttpRequest& request) {
    if (request.path == "/live") {
      HttpResponse response;
      response.stream = std::make_shared<EventStream>();
      ++running;
      return response;
    }
    ++running;
    release.get_future().wait();
    return echo(request);
  });
  RawSocket idle(server->address().port);
  RawSocket live(server->address().port);
  live.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
  live.read_until("\r\n\r\n");
  RawSocket slow(server->address().port);
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return running == 2; }));
  auto stopped = std::async(std::launch::async, [&] { return server->stop(5s); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(live.read_all().ends_with("0\r\n\r\n"));
  release.set_value();
  const std::string reply = slow.read_all();
  EXPECT_NE(reply.find("GET /slow 0"), std::string::npos);
  EXPECT_NE(reply.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(stopped.get());
  EXPECT_FALSE(RawSocket(server->address().port).connected());
}

TEST(HttpServer, StopCutsWhatDoesNotEndInTime) {
  auto server = start(echo);
  RawSocket socket(server->address().port);
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n");
  // More than the socket buffers hold: once it is sent, the server is in the middle of the body.
  socket.send(std::string(15'900'000, 'x'));
  EXPECT_FALSE(server->stop(50ms));
}

TEST(HttpServer, SurvivesResetsAtAnyPoint) {
  auto server = start(echo);
  const std::string post = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde";
  for (size_t cut = 0; cut <= post.size(); ++cut) {
    RawSocket socket(server->address().port);
    socket.send(std::string_view(post).substr(0, cut));
    socket.reset();
  }
  ASSERT_TRUE(eventually([&] { return server->stats().connections_now == 0; }));
  EXPECT_NE(answer_to(*server, post).find("200 OK"), std::string::npos);
}

TEST(HttpServer, NamesABusyAddress) {
  auto server = start(echo);
  auto second = HttpServer::start({.address = server->address()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "listening on " + server->address().text() + ": Address already in use");
}

}  // namespace
}  // namespace godseye::net
