#include <algorithm>
#include <memory>

#include <godseye/base/assert.h>
#include <godseye/net/content_coding.h>
#include <godseye/net/http_message.h>

#include <zlib.h>
#include <zstd.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

// Output grows in steps of this, so a small body never costs the whole limit.
constexpr size_t kStepBytes = 64 * 1024;
// 8 MiB of window is what RFC 8878 asks every decoder to support, and all that a request may make us allocate.
constexpr int kZstdWindowLogMax = 23;
constexpr int kAutomaticGzipOrZlib = 15 + 32;
constexpr int kRawDeflate = -15;

Error too_large(size_t bytes_max) {
  return {ErrorCode::kTooLarge, "decoded body is larger than " + std::to_string(bytes_max) + " bytes"};
}

// Grow `out` so that at least one byte beyond the limit can show: a body of exactly the limit is fine, one more is not.
size_t next_size(size_t size, size_t bytes_max) {
  return std::min(bytes_max + 1, std::max(size + kStepBytes, size * 2));
}

base::Result<std::string> inflate_all(std::string_view bytes, int window_bits, size_t bytes_max) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return Error{ErrorCode::kInternal, "inflateInit2 failed"};
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, inflateEnd);
  std::string out;
  size_t used = 0;
  size_t fed = 0;
  while (true) {
    if (used == out.size()) out.resize(next_size(out.size(), bytes_max));
    if (stream.avail_in == 0) {
      const size_t chunk = std::min<size_t>(bytes.size() - fed, 1U << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + fed));
      stream.avail_in = static_cast<uInt>(chunk);
      fed += chunk;
    }
    const size_t room = std::min<size_t>(out.size() - used, 1U << 30);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (used > bytes_max) return too_large(bytes_max);
    if (code == Z_STREAM_END) {
      if (stream.avail_in != 0 || fed != bytes.size()) {
        return Error{ErrorCode::kInvalidArgument, "bytes after the end of the compressed body"};
      }
      break;
    }
    if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && fed == bytes.size() && stream.avail_out != 0)) {
      return Error{ErrorCode::kInvalidArgument, "compressed body is truncated"};
    }
    if (code != Z_OK) return Error{ErrorCode::kInvalidArgument, "compressed body is damaged"};
  }
  out.resize(used);
  return out;
}

base::Result<std::string> inflate_deflate(std::string_view bytes, size_t bytes_max) {
  // "deflate" means zlib's format; some clients send the raw stream. A zlib header is a multiple of 31 with method 8.
  const bool zlib = bytes.size() >= 2 && (static_cast<unsigned char>(bytes[0]) & 15U) == 8U &&
                    (static_cast<unsigned char>(bytes[0]) * 256U + static_cast<unsigned char>(bytes[1])) % 31U == 0;
  return inflate_all(bytes, zlib ? 15 : kRawDeflate, bytes_max);
}

base::Result<std::string> unzstd(std::string_view bytes, size_t bytes_max) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream) return Error{ErrorCode::kInternal, "ZSTD_createDStream failed"};
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  std::string out;
  size_t used = 0;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t hint = 1;
  while (true) {
    if (used == out.size()) out.resize(next_size(out.size(), bytes_max));
    ZSTD_outBuffer buffer{out.data(), out.size(), used};
    const size_t before_in = in.pos;
    hint = ZSTD_decompressStream(stream.get(), &buffer, &in);
    if (ZSTD_isError(hint)) {
      return Error{ErrorCode::kInvalidArgument, std::string("compressed body is damaged: ") + ZSTD_getErrorName(hint)};
    }
    const bool progress = buffer.pos != used || in.pos != before_in;
    used = buffer.pos;
    if (used > bytes_max) return too_large(bytes_max);
    if (hint == 0 && in.pos == in.size) break;  // a frame ended with the input; frames in a row are one body
    if (!progress && used < out.size()) return Error{ErrorCode::kInvalidArgument, "compressed body is truncated"};
  }
  out.resize(used);
  return out;
}

}  // namespace

base::Result<std::string> decode_content(std::string_view coding, std::string_view bytes, size_t bytes_max) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(coding, name); };
  if (coding.empty() || is("identity")) {
    if (bytes.size() > bytes_max) return too_large(bytes_max);
    return std::string(bytes);
  }
  if (is("gzip") || is("x-gzip")) return inflate_all(bytes, kAutomaticGzipOrZlib, bytes_max);
  if (is("deflate")) return inflate_deflate(bytes, bytes_max);
  if (is("zstd") || is("zstd1")) return unzstd(bytes, bytes_max);
  return Error{ErrorCode::kUnimplemented, "Content-Encoding " + json_quoted(coding.substr(0, 80)) +
                                              " is not supported: use gzip, deflate, zstd or none"};
}

std::string gzip(std::string_view bytes, int level) {
  z_stream stream{};
  const int opened = deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  GE_ASSERT(opened == Z_OK, "deflateInit2 fails only for wrong arguments or without memory");
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> guard(&stream, deflateEnd);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  size_t used = 0;
  size_t fed = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    if (stream.avail_in == 0) {
      const size_t chunk = std::min<size_t>(bytes.size() - fed, 1U << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + fed));
      stream.avail_in = static_cast<uInt>(chunk);
      fed += chunk;
    }
    const size_t room = std::min<size_t>(out.size() - used, 1U << 30);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    code = deflate(&stream, fed == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    used += room - stream.avail_out;
  }
  GE_ASSERT(code == Z_STREAM_END, "the output has the room that deflateBound promised");
  out.resize(used);
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool star = false;
  while (!accept_encoding.empty()) {
    const size_t comma = accept_encoding.find(',');
    std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding = comma == std::string_view::npos ? std::string_view() : accept_encoding.substr(comma + 1);
    const size_t semicolon = item.find(';');
    std::string_view name = item.substr(0, semicolon);
    while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    // "q=0", "q=0.0": refused. Any other weight accepts.
    bool refused = false;
    if (semicolon != std::string_view::npos) {
      const size_t q = item.find("q=", semicolon);
      refused = q != std::string_view::npos && item.substr(q + 2).find_first_of("123456789") == std::string_view::npos;
    }
    if (equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip")) return !refused;
    if (name == "*") star = !refused;
  }
  return star;
}

}  // namespace godseye::net
