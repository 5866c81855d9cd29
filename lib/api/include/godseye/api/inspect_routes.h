#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <godseye/api/router.h>
#include <godseye/base/mutex.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/products.h>
#include <godseye/guard/session.h>
#include <godseye/sandbox/image_decoder.h>

// The guard over HTTP. Both need an API key, as telemetry does: applications call them for every message and upload.
//
//   POST /api/godseye/v1/inspect/text
//     {"text", "source"?: user|document|tool, "session"?, "redact"?: true, "explain"?: true}
//     200 {"score","label","reasons","entities":[…][,"redacted","passages"]}; offsets are bytes of UTF-8
//     with "answer" (and "question", "context", "finish_reason"): also "quality", "grounding", "toxicity" of the
//     answer, "leak" with "system_prompt" or "canaries", "products" with "catalogue"; "text" may then be absent
//     ("entities" are those of the answer)
//   POST /api/godseye/v1/inspect/image[?decode=true&filename=…]
//     the file as the body with its content type, or {"image": base64, "filename"?, "content_type"?, "decode"?} as JSON
//     200 {"verdict","kind","format","reasons",…[,"decode"]}: a refused picture is an answer, not an error
// 400 names what is missing or wrong, 404 an unknown catalogue, 413 a body over the limit.
namespace godseye::api {

inline constexpr size_t kInspectTextBytesMax = 16u << 20;  // what the HTTP server takes at most
inline constexpr size_t kInspectSessionsMax = 10'000;      // remembered; the oldest is forgotten
inline constexpr size_t kSessionNameBytesMax = 256;
inline constexpr size_t kCanariesMax = 64;

// Counts since the start.
struct InspectStats {
  uint64_t texts = 0;
  uint64_t text_bytes = 0;
  uint64_t suspicious = 0;  // score >= kSuspiciousScore
  uint64_t refused = 0;     // score > kRefuseScore
  uint64_t images = 0;
  uint64_t image_bytes = 0;
  uint64_t images_suspicious = 0;
  uint64_t images_refused = 0;  // invalid or malicious
  uint64_t malformed = 0;       // 400 and 413
  uint64_t sessions_now = 0;
  uint64_t sessions_forgotten = 0;
};

class InspectRoutes {
 public:
  // Null for an unknown name. Called from several threads at once.
  using FindCatalogue = std::function<std::shared_ptr<const guard::Catalogue>(std::string_view name)>;

  // `decoder` may be null (`decode` then answers "unavailable"); it must outlive this. `catalogues` may be empty.
  explicit InspectRoutes(sandbox::ImageDecoder* decoder, FindCatalogue catalogues = {});
  // This must outlive the router.
  void add_to(Router& router);
  InspectStats stats() const GE_EXCLUDES(mutex_);

 private:
  net::HttpResponse inspect_text(const Request& request);
  net::HttpResponse inspect_image(const Request& request);
  net::HttpResponse refuse(const base::Error& error);
  guard::InjectScore score(std::string_view text, guard::Source source, const std::string& session) GE_EXCLUDES(mutex_);

  // A conversation's turns come one after the other; its own lock lets other conversations pass.
  struct Conversation {
    base::Mutex mutex;
    guard::Session session GE_GUARDED_BY(mutex);
  };
  std::shared_ptr<Conversation> conversation(const std::string& name) GE_EXCLUDES(mutex_);

  sandbox::ImageDecoder* const decoder_;
  const FindCatalogue catalogues_;
  mutable base::Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Conversation>> conversations_ GE_GUARDED_BY(mutex_);
  std::deque<std::string> order_ GE_GUARDED_BY(mutex_);
  uint64_t forgotten_ GE_GUARDED_BY(mutex_) = 0;
  std::atomic<uint64_t> texts_{0};
  std::atomic<uint64_t> text_bytes_{0};
  std::atomic<uint64_t> suspicious_{0};
  std::atomic<uint64_t> refused_{0};
  std::atomic<uint64_t> images_{0};
  std::atomic<uint64_t> image_bytes_{0};
  std::atomic<uint64_t> images_suspicious_{0};
  std::atomic<uint64_t> images_refused_{0};
  std::atomic<uint64_t> malformed_{0};
};

}  // namespace godseye::api
