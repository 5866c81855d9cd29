#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <godseye/api/router.h>
#include <godseye/base/mutex.h>

// `Playground` asks a model through this process's gateway for the page of that name:
//
//   POST /api/godseye/v1/gateway/playground   {"provider"?,"model","system"?,"text","key"?,"session"?}
//   200 text/event-stream: `head` {"status","call_id","content_type"}, `body` "…" (text as it came) many times, then
//   `end` {} or `failed` {"error"}
//
// It relays instead of letting the page call the gateway: a page may talk to its own origin alone (its content security
// policy), and a gateway that answered to foreign pages (CORS) would answer to an attacker's page as well. The question
// goes out as an OpenAI chat that streams; the gateway takes it like any client's. The gateway must not know this
// class. Bounds: kPlaygroundCallsMax at a time (429), a question of kPlaygroundBytesMax (413), an answer of
// kPlaygroundAnswerBytesMax, 10 minutes. A page that leaves ends the call with the next piece.
// Threads: `ask` from any thread; the relaying runs on one loop that starts with the first question.
namespace godseye::api {

inline constexpr size_t kPlaygroundCallsMax = 8;
inline constexpr size_t kPlaygroundBytesMax = 1u << 20;
inline constexpr size_t kPlaygroundAnswerBytesMax = 4u << 20;

class Playground {
 public:
  // `address`: "http://127.0.0.1:8081", or empty while no gateway runs.
  explicit Playground(std::function<std::string()> address);
  // Cancels what runs.
  ~Playground();
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;

  net::HttpResponse ask(const Request& request) GE_EXCLUDES(mutex_);

 private:
  class Relay;
  base::Result<Relay*> relay() GE_EXCLUDES(mutex_);

  const std::function<std::string()> address_;
  base::Mutex mutex_;
  std::unique_ptr<Relay> relay_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::api
