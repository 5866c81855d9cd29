// What outside bytes reach in lib/net beyond Beast's own parser: targets, queries, framing, URLs, addresses, codings.
#include "exchange.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <godseye/base/assert.h>
#include <godseye/net/content_coding.h>
#include <godseye/net/http_message.h>
#include <godseye/net/listen_address.h>
#include <godseye/net/uri.h>

namespace {

using namespace godseye::net;  // NOLINT: one file, one subject

constexpr size_t kDecodedBytesMax = 1 << 20;

void try_target(std::string_view text) {
  HttpRequest request;
  request.method = "GET";
  request.target = text;
  if (parse_target(request)) GE_ASSERT(request.raw_path.starts_with('/'), "an accepted target has an absolute path");
  if (const auto decoded = percent_decode(text)) {
    GE_ASSERT(*percent_decode(percent_encode(*decoded)) == *decoded, "encoding is undone by decoding");
  }
}

void try_headers(std::string_view text) {
  Headers headers;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  (void)check_framing(headers, false);
  (void)accepts_gzip(headers.get("Accept-Encoding"));
}

void try_coding(uint8_t which, std::string_view bytes) {
  static constexpr std::string_view kCodings[] = {"gzip", "deflate", "zstd"};
  const auto decoded = decode_content(kCodings[which % 3], bytes, kDecodedBytesMax);
  if (decoded) GE_ASSERT(decoded->size() <= kDecodedBytesMax, "the limit holds");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 4) {
    case 0:
      try_target(text);
      break;
    case 1:
      try_headers(text);
      break;
    case 2:
      try_coding(data[0] / 4, text);
      break;
    default:
      if (const auto url = parse_url(text)) GE_ASSERT(!url->target.empty(), "a URL has a target");
      if (const auto address = parse_listen_address(text)) {
        GE_ASSERT(parse_listen_address(address->text()).has_value(), "an address reads back what it prints");
      }
      (void)json_quoted(text);
  }
  return 0;
}
