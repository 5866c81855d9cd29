#include "http.h"

#include <mutex>

#include <curl/curl.h>

namespace godseye::sdk {

using base::Error;
using base::ErrorCode;
using base::Result;

struct HttpOrigin::Curl {
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
};

namespace {

constexpr int kPollMilliseconds = 1000;
constexpr long kConnectMilliseconds = 3000;

struct Receiver {
  const HttpCall& call;
  std::string body;
};

size_t receive(char* data, size_t, size_t size, void* user) {
  auto* receiver = static_cast<Receiver*>(user);
  if (receiver->call.piece) {
    receiver->call.piece({data, size});
  } else if (receiver->body.size() + size <= HttpOrigin::kAnswerMax) {
    receiver->body.append(data, size);
  }
  return size;
}

Error error_of(CURLcode code, const std::string& path) {
  const ErrorCode kind = code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kUnavailable;
  return {kind, path + ": " + curl_easy_strerror(code)};
}

}  // namespace

HttpOrigin::HttpOrigin(Address address) : address_(std::move(address)), curl_(std::make_unique<Curl>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  curl_->multi = curl_multi_init();
  curl_->easy = curl_easy_init();
}

HttpOrigin::~HttpOrigin() {
  if (curl_->easy != nullptr) curl_easy_cleanup(curl_->easy);
  if (curl_->multi != nullptr) curl_multi_cleanup(curl_->multi);
}

void HttpOrigin::cancel() {
  cancelled_ = true;
  if (curl_->multi != nullptr) curl_multi_wakeup(curl_->multi);
}

Result<HttpAnswer> HttpOrigin::call(const HttpCall& call) {
  if (curl_->easy == nullptr || curl_->multi == nullptr) return Error{ErrorCode::kInternal, "libcurl has no memory"};
  CURL* easy = curl_->easy;
  curl_easy_reset(easy);  // connections stay
  const bool local = address_.scheme == "unix";
  const std::string host = address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
  const std::string url =
      (local ? "http://localhost" : address_.scheme + "://" + host + ":" + std::to_string(address_.port)) + call.path;
  if (local) curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, address_.path.c_str());
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // the Agent is a neighbour, whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMilliseconds);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.timeout.count()));
  Receiver receiver{call, {}};
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver);
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");  // no second round trip for large bodies
  for (const std::string& header : call.headers) headers = curl_slist_append(headers, header.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  if (call.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  }

  curl_multi_add_handle(curl_->multi, easy);
  int running = 1;
  CURLMcode state = CURLM_OK;
  while (running > 0 && state == CURLM_OK && !cancelled_) {
    state = curl_multi_perform(curl_->multi, &running);
    if (running > 0 && state == CURLM_OK) state = curl_multi_poll(curl_->multi, nullptr, 0, kPollMilliseconds, nullptr);
  }
  CURLcode result = CURLE_RECV_ERROR;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(curl_->multi, &left)) {
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  }
  HttpAnswer answer{.body = std::move(receiver.body)};
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  answer.retry_after = std::chrono::seconds(retry_after);
  curl_multi_remove_handle(curl_->multi, easy);
  curl_slist_free_all(headers);
  if (running > 0 && cancelled_) return Error{ErrorCode::kCancelled, call.path + ": shutting down"};
  if (result != CURLE_OK) return error_of(result, url);
  return answer;
}

}  // namespace godseye::sdk
