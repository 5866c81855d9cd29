#include "smtp_sender.h"

#include <algorithm>
#include <cstring>

#include <curl/curl.h>

namespace vcommerce::email {

using base::Error;
using base::ErrorCode;

namespace {

struct Upload {
  std::string_view rest;
};

size_t read_upload(char* buffer, size_t size, size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const size_t bytes = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), bytes);
  upload.rest.remove_prefix(bytes);
  return bytes;
}

// A connection that was silent for longer is not used again: servers hang up, and a mail would meet that.
constexpr long kSilentSecondsMax = 20;

// Keeps its connection between mails.
class SmtpSender : public Sender {
 public:
  explicit SmtpSender(SmtpConfig config) : config_(std::move(config)), handle_(curl_easy_init(), curl_easy_cleanup) {}

  base::Status send(const std::string& from, const std::string& to, const std::string& message) override {
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
        curl_slist_append(nullptr, ("<" + to + ">").c_str()), curl_slist_free_all);
    if (!handle_ || !recipients) return Error(ErrorCode::kInternal, "libcurl: out of memory");
    CURL* curl = handle_.get();
    curl_easy_reset(curl);  // of options; the connection stays
    Upload upload{message};
    char text[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_URL, config_.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (!config_.user.empty()) {
      curl_easy_setopt(curl, CURLOPT_USERNAME, config_.user.c_str());
      curl_easy_setopt(curl, CURLOPT_PASSWORD, config_.password.c_str());
      // A password goes over an encrypted connection or not at all.
      curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    }
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(config_.timeout.count()));
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, kSilentSecondsMax);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    const CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) return base::ok();
    long answer = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    const std::string what = std::string("SMTP: ") + (text[0] != '\0' ? text : curl_easy_strerror(code));
    if (answer >= 500 && answer < 600) return Error(ErrorCode::kInvalidArgument, what);
    return Error(code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kUnavailable, what);
  }

 private:
  SmtpConfig config_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
};

}  // namespace

base::Result<std::unique_ptr<Sender>> smtp_sender(SmtpConfig config) {
  if (!config.url.starts_with("smtp://") && !config.url.starts_with("smtps://")) {
    return Error(ErrorCode::kInvalidArgument, "the mail server is smtp://HOST:PORT or smtps://HOST:PORT");
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return std::unique_ptr<Sender>(std::make_unique<SmtpSender>(std::move(config)));
}

}  // namespace vcommerce::email
