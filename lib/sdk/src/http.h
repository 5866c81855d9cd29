#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/sdk/settings.h>

namespace godseye::sdk {

struct HttpCall {
  std::string method = "POST";
  std::string path;                  // with the query
  std::vector<std::string> headers;  // "Name: value"
  std::string_view body;
  std::chrono::milliseconds timeout{0};  // of the whole call; 0: until it ends or is cancelled
  // Pieces of the answer as they come; without it they are collected, up to kAnswerMax bytes.
  std::function<void(std::string_view)> piece;
};

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::chrono::seconds retry_after{0};  // as the header says, in either of its forms; 0: it says nothing
};

// One origin over libcurl (docs/decisions/0010-sdk-http.md), connections kept. One call at a time; `cancel` from any
// thread, for good: the call in flight and later ones end with kCancelled.
class HttpOrigin {
 public:
  static constexpr size_t kAnswerMax = 1 << 20;

  explicit HttpOrigin(Address address);
  ~HttpOrigin();
  // kUnavailable, kTimeout or kCancelled; any status of the server is an answer.
  base::Result<HttpAnswer> call(const HttpCall& call);
  void cancel();

 private:
  struct Curl;
  const Address address_;
  std::unique_ptr<Curl> curl_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace godseye::sdk
