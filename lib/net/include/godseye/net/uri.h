#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// The parts of a URI that HTTP servers and clients need, decoded strictly: a `%` that is not followed by two
// hexadecimal digits is an error, not text. Pure functions; no state, no locks.
namespace godseye::net {

inline constexpr size_t kQueryPairsMax = 512;

// Decoded name/value pairs of a query string or of a form body, in order. A name can occur several times.
class QueryPairs {
 public:
  QueryPairs() = default;
  explicit QueryPairs(std::vector<std::pair<std::string, std::string>> pairs) : pairs_(std::move(pairs)) {}

  // The first value of `name` (exact case); nullptr when absent. Valid as long as this object is unchanged.
  const std::string* find(std::string_view name) const;
  // The first value of `name`, or `fallback`.
  std::string_view get(std::string_view name, std::string_view fallback = {}) const;
  std::vector<std::string_view> all(std::string_view name) const;

  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// `text` with every %XX replaced by its byte. `plus_is_space` is for query strings and forms, never for paths.
base::Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// Everything but RFC 3986's unreserved characters becomes %XX: safe as a path segment and as a query value.
std::string percent_encode(std::string_view text);
// "a=1&b=x%20y&flag" → {a,1} {b,"x y"} {flag,""}. Empty pieces are skipped; more than kQueryPairsMax pairs are an
// error.
base::Result<QueryPairs> parse_query(std::string_view text);

// http://host[:port][/path][?query] and https://…; a fragment is cut off. User information is refused.
struct Url {
  bool tls = false;
  std::string host{};    // lower case; IPv6 without brackets
  uint16_t port = 0;     // 80 or 443 when the text has none
  std::string target{};  // path and query as written, at least "/"
  // "host" or "host:port" as in a Host header: brackets around IPv6, port only when it is not the scheme's.
  std::string authority() const;
};
base::Result<Url> parse_url(std::string_view text);

}  // namespace godseye::net
