#pragma once

#include "recent_map.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/guard/quality.h>

// What the span intake must remember about language model calls, each part bounded and with a lock of its own.
// Threads: every function from any thread.
namespace godseye::pipeline {

// One span as the memory of calls sees it.
struct CallSpan {
  uint64_t trace_id = 0;  // low half
  uint64_t span_id = 0;
  uint64_t parent_id = 0;
  bool gateway = false;
  bool has_text = false;  // a prompt or an answer came with it
  std::string_view call_id;
};

struct CallVerdict {
  bool counts = true;
  bool text_known = false;  // does not count, and the one that counts had the text
};

// Which of several LLM spans of one call counts: the first to arrive.
class CallMemory {
 public:
  explicit CallMemory(size_t calls_max) : calls_(calls_max), spans_(calls_max), traces_(calls_max) {}

  // Counts when no span of this call counted before; the call is remembered as counted. `below`: ids of spans under
  // `span` in its trace, as far as they came with it.
  CallVerdict count(const CallSpan& span, const std::vector<uint64_t>& below);
  // What counted before a restart. An empty call id or a span id of 0 is not meant.
  void seed(uint64_t trace_id, uint64_t span_id, std::string_view call_id);
  // A span that counted was not stored after all.
  void forget(uint64_t trace_id, uint64_t span_id, std::string_view call_id);

 private:
  static constexpr size_t kIdsPerTraceMax = 256;
  struct Trace {
    std::vector<uint64_t> gateway_parents;  // whose child is a gateway's span that counted
    std::vector<uint64_t> counted;          // client LLM spans that counted, and what is below them
  };

  base::Mutex mutex_;
  RecentMap<bool> calls_ GE_GUARDED_BY(mutex_);  // call ids; whether text came with the one that counted
  RecentMap<bool> spans_ GE_GUARDED_BY(mutex_);  // trace and span id; likewise
  RecentMap<Trace> traces_ GE_GUARDED_BY(mutex_);
};

// Which services send llm.* metrics themselves.
class ReportMemory {
 public:
  explicit ReportMemory(size_t services_max) : services_(services_max) {}

  void saw(std::string_view service, std::string_view metric, int64_t time_s);
  // SpanFlag bits of the families that `service` reported during the last 10 minutes.
  uint16_t reported(std::string_view service, int64_t now_s);

 private:
  static constexpr size_t kFamilyCount = 7;
  struct Times {
    int64_t last_s[kFamilyCount] = {};
  };
  base::Mutex mutex_;
  RecentMap<Times> services_ GE_GUARDED_BY(mutex_);
};

// Sessions that talked to a model: whose conversions count, and for which service and model.
struct SessionCall {
  std::string service;
  std::string model;
  std::string provider;
};
class SessionMemory {
 public:
  explicit SessionMemory(size_t sessions_max)
      : sessions_(sessions_max),
        converted_(sessions_max),
        steps_(sessions_max),
        engaged_(sessions_max),
        tokens_(sessions_max) {}

  void talked(std::string_view session, SessionCall call);
  // The session's last call, or false when it has none.
  bool last_call(std::string_view session, SessionCall& call);
  // True when a conversion that a span shows counts. One of a kind counts once per trace, and once where an event tells
  // of it too: of spans and events of a session within kSameStepSeconds, the more numerous count.
  bool converted(std::string_view session, uint64_t trace_id, std::string_view kind, int64_t now_s);
  bool converted_by_event(std::string_view session, std::string_view kind, int64_t now_s);
  // The journal refused them.
  void forget_conversion(std::string_view session, uint64_t trace_id, std::string_view kind);
  void forget_event_conversion(std::string_view session, std::string_view kind);
  // What people did with the answers of a session, added up until `take_engagement` takes it.
  void engaged(std::string_view session, const guard::Engagement& engagement);
  std::optional<guard::Engagement> take_engagement(std::string_view session);
  static constexpr int64_t kSameStepSeconds = 600;
  // Adds `tokens` to what `who` used in the last 10 minutes; true when that passes `limit` for the first time in them.
  bool abuses(std::string_view who, int64_t tokens, int64_t limit, int64_t now_s);

 private:
  struct Window {
    int64_t begin_s = 0;
    int64_t tokens = 0;
    bool told = false;
  };
  // Of one session and kind.
  struct Steps {
    int64_t last_s = 0;
    uint32_t by_spans = 0;
    uint32_t by_events = 0;
  };
  Steps& steps(std::string_view session, std::string_view kind, int64_t now_s) GE_REQUIRES(mutex_);

  base::Mutex mutex_;
  RecentMap<SessionCall> sessions_ GE_GUARDED_BY(mutex_);
  RecentMap<char> converted_ GE_GUARDED_BY(mutex_);
  RecentMap<Steps> steps_ GE_GUARDED_BY(mutex_);
  RecentMap<guard::Engagement> engaged_ GE_GUARDED_BY(mutex_);
  RecentMap<Window> tokens_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::pipeline
