#include "http1.h"

#include <array>
#include <charconv>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;
using Kind = BodyFraming::Kind;

// Of one chunk size line: longer is somebody's attempt to hide something.
constexpr size_t kExtensionBytesMax = 4096;
constexpr uint8_t kSizeDigitsMax = 15;

Error malformed(std::string text) { return {ErrorCode::kInvalidArgument, std::move(text)}; }

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kToken = make_token_table();

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The next line of `head` without its CRLF, which must be exactly that.
base::Result<std::string_view> next_line(std::string_view& head) {
  const size_t end = head.find('\n');
  if (end == std::string_view::npos || end == 0 || head[end - 1] != '\r') {
    return malformed("header lines must end in CR LF");
  }
  const std::string_view line = head.substr(0, end - 1);
  head.remove_prefix(end + 1);
  return line;
}

// What the fields say about framing and the connection.
struct FieldFacts {
  std::optional<uint64_t> length;
  bool chunked = false;
  bool close = false;
  bool keep_alive = false;
  int hosts = 0;
  std::string_view expect{};
};

void note_connection(std::string_view value, FieldFacts& facts) {
  while (!value.empty()) {
    const size_t comma = value.find(',');
    const std::string_view option = trimmed(value.substr(0, comma));
    if (equal_ignoring_case(option, "close")) facts.close = true;
    if (equal_ignoring_case(option, "keep-alive")) facts.keep_alive = true;
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
  }
}

base::Status note_length(std::string_view value, FieldFacts& facts) {
  if (facts.length) return malformed("Content-Length occurs more than once");
  uint64_t length = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
  const bool digits = !value.empty() && value.front() >= '0' && value.front() <= '9';
  if (!digits || failure != std::errc() || end != value.data() + value.size()) return malformed("bad Content-Length");
  facts.length = length;
  return base::ok();
}

base::Status note_field(std::string_view name, std::string_view value, FieldFacts& facts) {
  switch (name.size()) {  // most fields are none of these: one comparison settles it
    case 4:
      if (equal_ignoring_case(name, "Host")) ++facts.hosts;
      break;
    case 6:
      if (equal_ignoring_case(name, "Expect")) facts.expect = value;
      break;
    case 10:
      if (equal_ignoring_case(name, "Connection")) note_connection(value, facts);
      break;
    case 14:
      if (equal_ignoring_case(name, "Content-Length")) return note_length(value, facts);
      break;
    case 17:
      if (equal_ignoring_case(name, "Transfer-Encoding")) {
        if (facts.chunked || !equal_ignoring_case(value, "chunked")) {
          return malformed("the only Transfer-Encoding understood is chunked, once");
        }
        facts.chunked = true;
      }
      break;
    default:
      break;
  }
  return base::ok();
}

base::Status parse_fields(std::string_view head, const HeadLimits& limits, Headers& headers, FieldFacts& facts) {
  constexpr size_t kFieldsUsual = 16;
  headers.reserve(kFieldsUsual);
  while (true) {
    base::Result<std::string_view> line = next_line(head);
    if (!line) return std::move(line).error();
    if (line->empty()) break;
    const size_t colon = line->find(':');
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) {
      return malformed("a header field needs a name and a colon behind it");
    }
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = trimmed(line->substr(colon + 1));
    if (!is_field_value(value)) return malformed("a header field holds control characters");
    if (headers.size() >= limits.fields_max) {
      return Error{ErrorCode::kTooLarge, "more than " + std::to_string(limits.fields_max) + " header fields"};
    }
    headers.add(std::string(name), std::string(value));
    if (base::Status noted = note_field(name, value, facts); !noted) return noted;
  }
  if (!head.empty()) return malformed("bytes behind the header");
  if (facts.length && facts.chunked) return malformed("Transfer-Encoding and Content-Length exclude each other");
  return base::ok();
}

// "HTTP/1.1" or "HTTP/1.0": the digit; -1 for anything else.
int minor_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  return text == "HTTP/1.0" ? 0 : -1;
}

bool is_target(std::string_view target) {
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return false;
  }
  return !target.empty();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<size_t> find_head_end(std::string_view bytes, size_t& searched) {
  const size_t from = searched > 3 ? searched - 3 : 0;
  const size_t at = bytes.find("\r\n\r\n", from);
  if (at != std::string_view::npos) return at + 4;
  searched = bytes.size();
  // A bare LF LF would never match: let the parser say so instead of waiting for the deadline.
  const size_t bare = bytes.find("\n\n", from);
  if (bare != std::string_view::npos) return bare + 2;
  return std::nullopt;
}

base::Result<RequestHead> parse_request_head(std::string_view head, const HeadLimits& limits) {
  base::Result<std::string_view> line = next_line(head);
  if (!line) return std::move(line).error();
  const size_t first = line->find(' ');
  const size_t last = line->rfind(' ');
  if (first == std::string_view::npos || first == last) return malformed("expected METHOD TARGET HTTP/1.1");
  RequestHead out;
  out.method = line->substr(0, first);
  out.target = line->substr(first + 1, last - first - 1);
  const int minor = minor_version(line->substr(last + 1));
  if (!is_token(out.method) || !is_target(out.target)) return malformed("expected METHOD TARGET HTTP/1.1");
  if (minor < 0) return malformed("the only versions understood are HTTP/1.1 and HTTP/1.0");
  FieldFacts facts;
  if (base::Status parsed = parse_fields(head, limits, out.headers, facts); !parsed) return std::move(parsed).error();
  out.http_1_0 = minor == 0;
  if (facts.hosts > 1) return malformed("Host occurs more than once");
  if (facts.hosts == 0 && !out.http_1_0) return malformed("Host is missing");
  if (facts.chunked && out.http_1_0) return malformed("Transfer-Encoding does not exist in HTTP/1.0");
  if (facts.chunked) {
    out.body.kind = Kind::kChunked;
  } else if (facts.length.value_or(0) > 0) {
    out.body = {Kind::kLength, *facts.length};
  }
  out.keep_alive = !facts.close && (minor == 1 || facts.keep_alive);
  const bool expects = !facts.expect.empty() && !out.http_1_0;
  out.expects_continue = expects && equal_ignoring_case(facts.expect, "100-continue");
  out.expects_other = expects && !out.expects_continue;
  return out;
}

base::Result<AnswerLine> parse_answer_head(std::string_view head, bool head_request, const HeadLimits& limits) {
  base::Result<std::string_view> line = next_line(head);
  if (!line) return std::move(line).error();
  // "HTTP/1.1 200 OK", the reason (and, from some servers, the blank before it) may be missing.
  const int minor = minor_version(line->substr(0, 8));
  if (minor < 0 || line->size() < 12 || (*line)[8] != ' ' || (line->size() > 12 && (*line)[12] != ' ')) {
    return malformed("the status line is not HTTP/1.1");
  }
  AnswerLine out;
  for (const char digit : line->substr(9, 3)) {
    if (digit < '0' || digit > '9') return malformed("the status is not a number");
    out.status = out.status * 10 + (digit - '0');
  }
  if (out.status < 100 || out.status > 599) return malformed("the status is not between 100 and 599");
  FieldFacts facts;
  if (base::Status parsed = parse_fields(head, limits, out.headers, facts); !parsed) return std::move(parsed).error();
  if (facts.chunked && minor == 0) return malformed("Transfer-Encoding does not exist in HTTP/1.0");
  const bool bodiless = head_request || out.status / 100 == 1 || out.status == 204 || out.status == 304;
  if (bodiless) {
    out.body.kind = Kind::kNone;
  } else if (facts.chunked) {
    out.body.kind = Kind::kChunked;
  } else if (facts.length) {
    out.body = {Kind::kLength, *facts.length};
  } else {
    out.body.kind = Kind::kUntilClose;
  }
  out.keep_alive = !facts.close && (minor == 1 || facts.keep_alive) && out.body.kind != Kind::kUntilClose;
  return out;
}

BodyReader::BodyReader(BodyFraming framing, size_t trailer_bytes_max)
    : framing_(framing), overhead_left_(kExtensionBytesMax), trailer_bytes_max_(trailer_bytes_max) {
  switch (framing.kind) {
    case Kind::kNone:
      state_ = State::kDone;
      break;
    case Kind::kLength:
      left_ = framing.length;
      state_ = left_ > 0 ? State::kPayload : State::kDone;
      break;
    case Kind::kChunked:
      state_ = State::kSize;
      break;
    case Kind::kUntilClose:
      left_ = ~uint64_t{0};
      state_ = State::kPayload;
      break;
  }
}

base::Result<size_t> BodyReader::feed(std::string_view bytes, size_t payload_max, std::string& out) {
  size_t at = 0;
  while (at < bytes.size() && state_ != State::kDone) {
    if (state_ != State::kPayload) {
      if (base::Status stepped = step(bytes[at]); !stepped) return std::move(stepped).error();
      ++at;
      continue;
    }
    if (payload_max == 0) break;
    const uint64_t most = std::min<uint64_t>({left_, bytes.size() - at, payload_max});
    out.append(bytes.substr(at, most));
    at += most;
    payload_max -= most;
    if (framing_.kind == Kind::kUntilClose) continue;
    left_ -= most;
    if (left_ == 0) state_ = framing_.kind == Kind::kLength ? State::kDone : State::kChunkCr;
  }
  return at;
}

base::Status BodyReader::step(char c) {
  const auto expect = [&](char wanted, State next) -> base::Status {
    if (c != wanted) return malformed("a chunk is not framed as it says");
    state_ = next;
    return base::ok();
  };
  const auto spend = [&]() -> base::Status {
    if (overhead_left_-- == 0) return malformed("chunk extensions or trailers are too long");
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return malformed("control characters between chunks");
    return base::ok();
  };
  switch (state_) {
    case State::kSize: {
      const int digit = hex_value(c);
      if (digit >= 0) {
        if (++digits_ > kSizeDigitsMax) return malformed("a chunk's size is too long");
        left_ = left_ * 16 + static_cast<uint64_t>(digit);
        return base::ok();
      }
      if (digits_ == 0) return malformed("a chunk's size is missing");
      overhead_left_ = kExtensionBytesMax;
      if (c == '\r') return expect('\r', State::kSizeLf);
      // Blanks before an extension are tolerated by RFC 9112; anything else is no extension.
      if (c != ';' && c != ' ' && c != '\t') return malformed("a chunk's size is not hexadecimal");
      state_ = State::kExtension;
      return base::ok();
    }
    case State::kExtension:
      if (c == '\r') return expect('\r', State::kSizeLf);
      return spend();
    case State::kSizeLf:
      digits_ = 0;
      if (left_ == 0) overhead_left_ = trailer_bytes_max_;
      return expect('\n', left_ == 0 ? State::kTrailer : State::kPayload);
    case State::kChunkCr:
      return expect('\r', State::kChunkLf);
    case State::kChunkLf:
      return expect('\n', State::kSize);
    case State::kTrailer:
      if (c == '\r') return expect('\r', State::kFinalLf);
      state_ = State::kTrailerIn;
      return spend();
    case State::kTrailerIn:
      if (c == '\r') return expect('\r', State::kTrailerLf);
      return spend();
    case State::kTrailerLf:
      return expect('\n', State::kTrailer);
    case State::kFinalLf:
      return expect('\n', State::kDone);
    case State::kPayload:
    case State::kDone:
      break;
  }
  return base::ok();
}

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

bool is_field_value(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_chunk_head(std::string& out, size_t size) {
  char text[20];
  const auto [end, failure] = std::to_chars(text, text + sizeof(text), size, 16);
  out.append(text, static_cast<size_t>(end - text)).append("\r\n");
}

}  // namespace godseye::net
