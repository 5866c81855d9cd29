#include "godseye_put.h"

#include <atomic>

#include <curl/curl.h>

namespace vcommerce::catalogue {

using base::Error;
using base::ErrorCode;

struct GodseyePut::Parts {
  std::string url;
  CURL* curl = nullptr;
  curl_slist* headers = nullptr;
  std::atomic<bool> cancelled{false};

  ~Parts() {
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
  }
};

namespace {

size_t ignore(char*, size_t size, size_t count, void*) { return size * count; }

int progress(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<std::atomic<bool>*>(cancelled)->load() ? 1 : 0;
}

}  // namespace

GodseyePut::GodseyePut(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GodseyePut::~GodseyePut() = default;
void GodseyePut::cancel() { parts_->cancelled = true; }

base::Result<std::unique_ptr<GodseyePut>> GodseyePut::open(const std::string& url, const std::string& api_key) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return Error(ErrorCode::kInvalidArgument, "Godseye's address begins with http:// or https://");
  }
  for (const char c : api_key) {
    if (c <= ' ' || c >= 0x7f) return Error(ErrorCode::kInvalidArgument, "the API key has a character that no key has");
  }
  auto parts = std::make_unique<Parts>();
  parts->url = url;
  while (parts->url.ends_with('/')) parts->url.pop_back();
  parts->curl = curl_easy_init();
  if (parts->curl == nullptr) return Error(ErrorCode::kInternal, "libcurl could not start");
  parts->headers = curl_slist_append(parts->headers, "Content-Type: application/x-ndjson");
  if (!api_key.empty()) parts->headers = curl_slist_append(parts->headers, ("DD-API-KEY: " + api_key).c_str());
  parts->headers = curl_slist_append(parts->headers, "Expect:");
  return std::unique_ptr<GodseyePut>(new GodseyePut(std::move(parts)));
}

base::Result<int> GodseyePut::put(const std::string& path, const std::string& body) {
  CURL* curl = parts_->curl;
  curl_easy_setopt(curl, CURLOPT_URL, (parts_->url + path).c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, parts_->headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kTimeoutMs);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &parts_->cancelled);
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) {
    return Error(ErrorCode::kUnavailable, parts_->url + ": " + curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

}  // namespace vcommerce::catalogue
