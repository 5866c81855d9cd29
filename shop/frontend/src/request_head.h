#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What comes before the HTTP library sees a request: the whole head, within bounds, without what the library would take
// apart at unbounded cost. Pure.
namespace vcommerce::frontend {

inline constexpr size_t kHeadBytesMax = 16 << 10;
inline constexpr size_t kHeaderLinesMax = 64;
inline constexpr size_t kTargetBytesMax = 4 << 10;

// Where the head ends in `bytes`, with its empty line; nothing: it is not whole yet.
std::optional<size_t> head_end(std::string_view bytes);

struct Head {
  // The head for the library: the request line and `connection`, nothing else, so that it takes nothing else apart.
  // (Its own reading decodes escapes in values, and answers ranges at any cost.)
  std::string text;
  // For the handler: names in lower case, values as they came; one `host`, the target's where it names one.
  std::vector<std::pair<std::string, std::string>> headers;
  // What the request is refused with instead: 400, 413, 414, 415, 431, 501; 0: nothing is wrong.
  int refused = 0;
  size_t body_bytes = 0;
};

// `head` is what head_end() found. A target in absolute form ("http://host/path") is the same request as in origin
// form, and its host stands for `Host`; HTTP/1.1 needs one `Host`, nothing takes two (400). Bodies have a length of at
// most `body_bytes_max` (413), are not compressed (415), not in chunks (501); the target is at most kTargetBytesMax
// (414); kHeaderLinesMax lines (431).
Head checked_head(std::string_view head, size_t body_bytes_max);

}  // namespace vcommerce::frontend
