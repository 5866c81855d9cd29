#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/net/stream_server.h>

// A provider on loopback that answers what a test tells it, and keeps what it got.
namespace godseye::gateway::fakes {

struct ProviderAnswer {
  int status = 200;
  net::Headers headers{{"Content-Type", "application/json"}};
  std::vector<std::string> pieces;  // one: a whole answer
  std::chrono::milliseconds between{0};
  bool cut = false;      // the connection breaks after the pieces
  bool endless = false;  // the last piece is repeated until the caller leaves
};

struct SeenRequest {
  std::string method;
  std::string target;
  net::Headers headers;
  std::string body;
};

class FakeProvider {
 public:
  explicit FakeProvider(net::IoLoops& loops) {
    auto server = net::StreamServer::start(loops, {.address = *net::parse_listen_address("127.0.0.1:0")},
                                           [this](net::Exchange& exchange) { return handle(*this, exchange); });
    server_ = *std::move(server);
  }
  std::string url() const { return "http://" + server_->address().text(); }
  void answer(ProviderAnswer answer) {
    base::MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  void answer_json(std::string body, int status = 200) {
    ProviderAnswer answer;
    answer.status = status;
    answer.pieces = {std::move(body)};
    this->answer(std::move(answer));
  }
  std::vector<SeenRequest> seen() const {
    base::MutexLock lock(mutex_);
    return seen_;
  }
  size_t left() const {  // callers that went before the end
    base::MutexLock lock(mutex_);
    return left_;
  }
  void stop() { server_->stop(std::chrono::milliseconds(100)); }

 private:
  static net::Task<> handle(FakeProvider& self, net::Exchange& exchange) {
    ProviderAnswer answer;
    {
      base::MutexLock lock(self.mutex_);
      const net::HttpRequest& request = exchange.request();
      self.seen_.push_back({request.method, request.target, request.headers, request.body});
      answer = self.answer_;
    }
    if (answer.pieces.size() == 1 && !answer.cut && !answer.endless) {
      net::HttpResponse response;
      response.status = answer.status;
      response.headers = answer.headers;
      response.body = answer.pieces[0];
      exchange.answer(std::move(response));
      co_return;
    }
    net::AnswerHead head;
    head.status = answer.status;
    head.headers = answer.headers;
    exchange.begin(std::move(head));
    bool there = true;
    for (size_t i = 0; there && i < answer.pieces.size(); ++i) {
      there = co_await exchange.write(answer.pieces[i]);
      if (there && answer.between.count() > 0) {
        there = co_await exchange.loop().sleep(answer.between, &exchange.cancel());
      }
      if (there && answer.endless && i + 1 == answer.pieces.size()) --i;
    }
    if (!there) {
      base::MutexLock lock(self.mutex_);
      ++self.left_;
      co_return;
    }
    if (answer.cut) {
      exchange.abort();
    } else {
      exchange.end();
    }
  }

  mutable base::Mutex mutex_;
  ProviderAnswer answer_ GE_GUARDED_BY(mutex_);
  std::vector<SeenRequest> seen_ GE_GUARDED_BY(mutex_);
  size_t left_ GE_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<net::StreamServer> server_;
};

}  // namespace godseye::gateway::fakes
