#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>

// The grammar of HTTP/1 for the streaming server and client: heads and body framing as pure functions over bytes.
// Strict where leniency lets two readers differ (RFC 9112, 11.2): lines end in CRLF, no blanks before the colon, no
// folded lines, no control characters, one length at most, "chunked" the only coding.
namespace godseye::net {

// Where the head that starts `bytes` ends (behind its empty line); nothing when it is not whole yet. `searched` says
// how much of `bytes` an earlier call has seen and is updated, so that a head that drips in is not scanned again.
std::optional<size_t> find_head_end(std::string_view bytes, size_t& searched);

struct HeadLimits {
  size_t fields_max = 200;
};

// How the bytes after a head make up the body.
struct BodyFraming {
  enum class Kind : uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t length = 0;  // kLength
};

struct RequestHead {
  std::string method{};
  std::string target{};
  Headers headers{};
  BodyFraming body{};
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool expects_other = false;  // an Expect that nobody knows: 417
};

// `head` ends with its empty line. kInvalidArgument (400), kTooLarge (431: too many fields).
base::Result<RequestHead> parse_request_head(std::string_view head, const HeadLimits& limits);

struct AnswerLine {
  int status = 0;
  Headers headers{};
  BodyFraming body{};
  bool keep_alive = true;
};

// `head_request`: the answer has no body, whatever its header says. kInvalidArgument, kTooLarge.
base::Result<AnswerLine> parse_answer_head(std::string_view head, bool head_request, const HeadLimits& limits);

// Follows a body through the bytes of a connection. Copyable; small; keeps nothing of the body.
class BodyReader {
 public:
  explicit BodyReader(BodyFraming framing = {}, size_t trailer_bytes_max = 16 * 1024);

  // Take from `bytes` what belongs to the body, append its payload to `out` and stop at the end of the body, or when
  // `out` has grown by `payload_max`. The number of bytes taken. kInvalidArgument: the chunks are not chunks.
  base::Result<size_t> feed(std::string_view bytes, size_t payload_max, std::string& out);
  bool done() const { return state_ == State::kDone; }
  // True when the end of the connection is the end of the body.
  bool ends_with_connection() const { return framing_.kind == BodyFraming::Kind::kUntilClose; }

 private:
  enum class State : uint8_t {
    kPayload,    // `left_` bytes of payload
    kSize,       // in the digits of a chunk's size
    kExtension,  // behind them, up to CR
    kSizeLf,     //
    kChunkCr,    // behind a chunk
    kChunkLf,    //
    kTrailer,    // at the start of a trailer line
    kTrailerIn,  // inside of one
    kTrailerLf,  //
    kFinalLf,    // of the empty line
    kDone
  };
  base::Status step(char c);

  BodyFraming framing_;
  State state_ = State::kDone;
  uint8_t digits_ = 0;
  uint64_t left_ = 0;
  size_t overhead_left_;  // of extensions per chunk, of all trailers
  size_t trailer_bytes_max_;
};

// A token as method and field names are made of.
bool is_token(std::string_view text);
// Without control characters other than tab.
bool is_field_value(std::string_view text);
std::string_view reason_phrase(int status);
// "name: value\r\n"
void append_field(std::string& out, std::string_view name, std::string_view value);
// "1a\r\n"
void append_chunk_head(std::string& out, size_t size);

}  // namespace godseye::net
