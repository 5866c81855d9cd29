#include <map>
#include <memory>
#include <mutex>

#include <godseye/api/errors.h>
#include <godseye/api/pages.h>
#include <godseye/base/hash.h>
#include <godseye/net/content_coding.h>

namespace godseye::api {
namespace {

// Styles may be inline (the chart library sets them), scripts never.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'";
constexpr int kGzipLevel = 9;  // once per file and start
constexpr size_t kGzipBytesMin = 1400;

constexpr std::string_view kNotBuilt =
    "<!doctype html><meta charset=utf-8><title>Godseye</title><h1>Godseye is running</h1><p>This build has no web "
    "page: ui/dist did not exist when the program was built. Run <code>npm ci && npm run build</code> in ui/ and build "
    "again. The API is complete: see <a href=/health>/health</a>.</p>";

std::string_view content_type(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
  };
  for (const auto& [extension, type] : kTypes) {
    if (name.ends_with(extension)) return type;
  }
  return "application/octet-stream";
}

bool is_compressed_already(std::string_view name) {
  return name.ends_with(".png") || name.ends_with(".woff2") || name.ends_with(".ico");
}

std::string hexadecimal(uint64_t value) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kHex[(value >> shift) & 15];
  return out;
}

class Pages {
 public:
  explicit Pages(std::span<const PageFile> files) {
    for (const PageFile& file : files) {
      Entry& entry = files_[file.name];
      entry.name = file.name;
      entry.bytes = file.bytes;
      entry.etag = '"' + hexadecimal(base::hash64(file.bytes)) + '"';
    }
  }

  net::HttpResponse get(const net::HttpRequest& request) {
    const std::string_view path = std::string_view(request.path).substr(1);
    auto found = files_.find(path);
    const bool is_page = path.substr(path.rfind('/') + 1).find('.') == std::string_view::npos;
    if (found == files_.end() && is_page) found = files_.find("index.html");
    if (found == files_.end()) {
      return guarded(is_page ? html(std::string(kNotBuilt)) : error_response(404, "Not Found"));
    }
    return guarded(serve(found->second, request));
  }

 private:
  struct Entry {
    std::string_view name;
    std::string_view bytes;
    std::string etag;
    std::once_flag compressed_once;
    std::string compressed;  // empty: not worth it
  };

  static net::HttpResponse html(std::string body) {
    net::HttpResponse response;
    response.headers.add("Content-Type", "text/html; charset=utf-8");
    response.headers.add("Cache-Control", "no-cache");
    response.body = std::move(body);
    return response;
  }

  static net::HttpResponse guarded(net::HttpResponse response) {
    response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("X-Frame-Options", "DENY");
    response.headers.add("Referrer-Policy", "same-origin");
    response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
    return response;
  }

  static net::HttpResponse serve(Entry& entry, const net::HttpRequest& request) {
    net::HttpResponse response;
    const bool hashed = entry.name.starts_with("assets/");
    response.headers.add("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    response.headers.add("ETag", entry.etag);
    response.headers.add("Vary", "Accept-Encoding");
    if (request.headers.get("If-None-Match").find(entry.etag) != std::string_view::npos) {
      response.status = 304;
      return response;
    }
    response.headers.add("Content-Type", std::string(content_type(entry.name)));
    std::call_once(entry.compressed_once, [&] {
      if (entry.bytes.size() >= kGzipBytesMin && !is_compressed_already(entry.name)) {
        entry.compressed = net::gzip(entry.bytes, kGzipLevel);
      }
    });
    const bool compressed = !entry.compressed.empty() && net::accepts_gzip(request.headers.get("Accept-Encoding"));
    if (compressed) response.headers.add("Content-Encoding", "gzip");
    response.body = compressed ? entry.compressed : std::string(entry.bytes);
    return response;
  }

  std::map<std::string_view, Entry> files_;
};

}  // namespace

void add_pages(Router& router, std::span<const PageFile> files) {
  router.set_fallback(
      [pages = std::make_shared<Pages>(files)](const Request& request) { return pages->get(request.http); });
}

}  // namespace godseye::api
