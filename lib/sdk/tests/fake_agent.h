#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>

namespace godseye::sdk {

// An HTTP/1.1 server on a loopback port: keeps what it is sent, answers what it is told to.
class FakeAgent {
 public:
  struct Request {
    std::string head;  // request line and headers
    std::string body;
  };

  FakeAgent();
  ~FakeAgent();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // `header`: one more line of the head, without its end.
  void answer(int status, std::string body = "{}", std::string header = {});
  // A body that never ends: sent, then the connection stays open.
  void stream(std::string body);
  std::vector<Request> requests() const;

 private:
  void serve();
  void converse(int connection);

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  mutable base::Mutex mutex_;
  int status_ GE_GUARDED_BY(mutex_) = 200;
  std::string body_ GE_GUARDED_BY(mutex_) = "{}";
  std::string header_ GE_GUARDED_BY(mutex_);
  bool stream_ GE_GUARDED_BY(mutex_) = false;
  std::vector<Request> requests_ GE_GUARDED_BY(mutex_);
  std::vector<std::thread> conversations_;
  std::thread thread_;
};

// A UDP socket on loopback that receives what metrics are sent to.
class FakeStatsd {
 public:
  FakeStatsd();
  ~FakeStatsd();
  std::string url() const { return "udp://127.0.0.1:" + std::to_string(port_); }
  // The packets that arrived so far.
  std::vector<std::string> packets();

 private:
  int socket_ = -1;
  uint16_t port_ = 0;
  std::vector<std::string> packets_;
};

}  // namespace godseye::sdk
