#include "smtp_client.h"

#include <algorithm>
#include <cstring>

#include <curl/curl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace godseye::notify {

using base::Error;
using base::ErrorCode;

namespace {

struct Conversation {
  std::string_view left;  // of the message
  std::string replies;    // what the server said, the last lines
  const std::function<bool(std::string_view)>* address_allowed = nullptr;
  std::string refused;  // the last address that may not be called
  const std::atomic<bool>* stopping = nullptr;
};

size_t give_bytes(char* into, size_t size, size_t count, void* user) {
  auto& talk = *static_cast<Conversation*>(user);
  const size_t bytes = std::min(size * count, talk.left.size());
  std::memcpy(into, talk.left.data(), bytes);
  talk.left.remove_prefix(bytes);
  return bytes;
}

size_t keep_reply(char* bytes, size_t size, size_t count, void* user) {
  auto& talk = *static_cast<Conversation*>(user);
  talk.replies.append(bytes, size * count);
  if (talk.replies.size() > kAnswerBytesMax) talk.replies.erase(0, talk.replies.size() - kAnswerBytesMax);
  return size * count;
}

// libcurl asks for a socket for exactly the address that it is about to connect to.
curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& talk = *static_cast<Conversation*>(user);
  if (talk.address_allowed != nullptr && *talk.address_allowed) {
    char text[NI_MAXHOST] = "?";
    (void)getnameinfo(&address->addr, address->addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    if (!(*talk.address_allowed)(text)) {
      talk.refused = text;
      return CURL_SOCKET_BAD;
    }
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int watch_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Conversation*>(user)->stopping->load() ? 1 : 0;
}

std::string url_of(const MailSettings& server) {
  const bool six = server.host.find(':') != std::string::npos;
  const std::string host = six ? "[" + server.host + "]" : server.host;
  return std::string(server.tls == MailTls::kImplicit ? "smtps://" : "smtp://") + host + ":" +
         std::to_string(server.port) + "/godseye";
}

// The handle and its list of recipients, freed together.
class Handle {
 public:
  Handle() : curl_(curl_easy_init()) {}
  ~Handle() {
    curl_easy_cleanup(curl_);
    curl_slist_free_all(recipients_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(curl_, option, value);
  }
  void add_recipient(const std::string& address) {
    recipients_ = curl_slist_append(recipients_, ("<" + address + ">").c_str());
  }
  void finish_recipients() { set(CURLOPT_MAIL_RCPT, recipients_); }
  CURLcode code() const { return curl_ == nullptr ? CURLE_FAILED_INIT : code_; }
  CURLcode perform() { return curl_easy_perform(curl_); }
  int response_code() {
    long code = 0;  // NOLINT(google-runtime-int): libcurl's type
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &code);
    return static_cast<int>(code);
  }

 private:
  CURL* curl_;
  curl_slist* recipients_ = nullptr;
  CURLcode code_ = CURLE_OK;
};

void set_message(Handle& handle, const MailMessage& message, Conversation& talk) {
  handle.set(CURLOPT_URL, url_of(message.server).c_str());
  handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  handle.set(CURLOPT_PROXY, "");  // whatever the environment says: a proxy would hide the address
  handle.set(CURLOPT_NOSIGNAL, 1L);
  handle.set(CURLOPT_TIMEOUT_MS, static_cast<long>(message.timeout.count()));  // NOLINT(google-runtime-int)
  handle.set(CURLOPT_MAIL_FROM, ("<" + message.server.from + ">").c_str());
  for (const std::string& address : message.to) handle.add_recipient(address);
  handle.finish_recipients();
  // One bad address must not keep the others from being told; the server's refusal is in the answer.
  handle.set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  if (!message.server.user.empty()) {
    handle.set(CURLOPT_USERNAME, message.server.user.c_str());
    handle.set(CURLOPT_PASSWORD, message.password.c_str());
  }
  handle.set(CURLOPT_UPLOAD, 1L);
  handle.set(CURLOPT_READFUNCTION, give_bytes);
  handle.set(CURLOPT_READDATA, &talk);
  handle.set(CURLOPT_HEADERFUNCTION, keep_reply);
  handle.set(CURLOPT_HEADERDATA, &talk);
  handle.set(CURLOPT_WRITEFUNCTION, keep_reply);
  handle.set(CURLOPT_WRITEDATA, &talk);
  handle.set(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  handle.set(CURLOPT_OPENSOCKETDATA, &talk);
  handle.set(CURLOPT_XFERINFOFUNCTION, watch_progress);
  handle.set(CURLOPT_XFERINFODATA, &talk);
  handle.set(CURLOPT_NOPROGRESS, 0L);
}

void set_tls(Handle& handle, MailTls tls, const std::string& ca_file) {
  // "All": a server that offers no STARTTLS gets neither password nor message.
  handle.set(CURLOPT_USE_SSL, static_cast<long>(tls == MailTls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL));  // NOLINT
  handle.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));                                // NOLINT
  if (!ca_file.empty()) handle.set(CURLOPT_CAINFO, ca_file.c_str());
}

base::Result<Answer> outcome(CURLcode code, int status, const Conversation& talk, const MailMessage& message) {
  if (code == CURLE_OK) return Answer{.status = status < 200 || status > 299 ? 250 : status, .text = talk.replies};
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(ErrorCode::kCancelled, "stopping");
  if (!talk.refused.empty() && status == 0) {
    return Error(ErrorCode::kPermissionDenied,
                 message.server.host + ": the address " + talk.refused + " may not be called");
  }
  const std::string what = message.server.host + ": " + curl_easy_strerror(code);
  if (code == CURLE_OPERATION_TIMEDOUT) return Error(ErrorCode::kTimeout, what);
  if (code == CURLE_USE_SSL_FAILED) return Error(ErrorCode::kUnavailable, what + " (the server offers no STARTTLS)");
  // The server refused: its code says whether for good.
  if (status >= 400) return Answer{.status = status, .text = talk.replies};
  return Error(ErrorCode::kUnavailable, what);
}

}  // namespace

SmtpClient::SmtpClient(std::function<bool(std::string_view)> address_allowed, std::string ca_file)
    : address_allowed_(std::move(address_allowed)), ca_file_(std::move(ca_file)) {
  // Once in a process, before any handle; the language makes it safe among threads.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)ready;
}

base::Result<Answer> SmtpClient::send(const MailMessage& message) {
  if (stopping_.load()) return Error(ErrorCode::kCancelled, "stopping");
  // Checked when the channel was stored; a line break here would be a command of somebody else's.
  if (!is_mail_address(message.server.from) || !std::all_of(message.to.begin(), message.to.end(), is_mail_address)) {
    return Error(ErrorCode::kInvalidArgument, "an address of the message is none");
  }
  Conversation talk{
      .left = message.data, .replies = {}, .address_allowed = &address_allowed_, .refused = {}, .stopping = &stopping_};
  Handle handle;
  set_message(handle, message, talk);
  set_tls(handle, message.server.tls, ca_file_);
  if (handle.code() != CURLE_OK) {
    return Error(ErrorCode::kInternal, std::string("libcurl: ") + curl_easy_strerror(handle.code()));
  }
  const CURLcode code = handle.perform();
  return outcome(code, handle.response_code(), talk, message);
}

}  // namespace godseye::notify
