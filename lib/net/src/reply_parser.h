#pragma once

#include <memory>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/http_client.h>

namespace godseye::net {

// Bytes of one HTTP reply in, a value out. Interim replies (1xx) are skipped. Not thread-safe.
class ReplyParser {
 public:
  // `head`: the reply to a HEAD request has no body, whatever its header says.
  ReplyParser(bool head, size_t reply_bytes_max);
  ~ReplyParser();

  // Take from `bytes` what belongs to the reply; the number of bytes taken. kTooLarge, kCorrupt.
  base::Result<size_t> feed(std::string_view bytes);
  // The stream ended. Fine for a reply without a length; kUnavailable when cut short.
  base::Status end();
  bool done() const;
  // Requires: done().
  HttpReply take();
  bool keep_alive() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::net
