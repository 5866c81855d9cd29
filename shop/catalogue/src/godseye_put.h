#pragma once

#include <memory>
#include <string>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// One Godseye over HTTP, for `GodseyeFeed`. libcurl stays in the source. One call at a time.
namespace vcommerce::catalogue {

class GodseyePut {
 public:
  static constexpr long kConnectTimeoutMs = 3'000;
  static constexpr long kTimeoutMs = 15'000;

  // `url`: "http://host:port" or https. kInvalidArgument when it is neither.
  static base::Result<std::unique_ptr<GodseyePut>> open(const std::string& url, const std::string& api_key);
  ~GodseyePut();
  // The answer's status. kUnavailable: there was none.
  base::Result<int> put(const std::string& path, const std::string& body);
  // From any thread, for good: the call in flight ends.
  void cancel();

 private:
  struct Parts;
  explicit GodseyePut(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace vcommerce::catalogue
