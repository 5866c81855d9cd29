#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

// Structured logs: one JSON object a line, with the ids of the span that is active on the thread.
//
//   sdk.log().warn("card was declined", {{"brand", brand}, {"order_id", id}});
//   {"timestamp":"2026-01-05T12:00:00.123Z","status":"warn","service":"payment","message":"card was declined",
//    "trace_id":"…","span_id":"…","session_id":"…","user_id":"…","brand":"visa","order_id":"o-1"}
//
// Messages and values are data: they are escaped, never interpreted. A thread of the SDK writes; what does not fit into
// its buffer is dropped and counted, the host never waits for a full pipe. Threads: any.
namespace godseye::sdk {

class LogBuffer;

class Log {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit Log(std::shared_ptr<LogBuffer> buffer);
  void debug(std::string_view message, Fields fields = {});
  void info(std::string_view message, Fields fields = {});
  void warn(std::string_view message, Fields fields = {});
  void error(std::string_view message, Fields fields = {});

 private:
  std::shared_ptr<LogBuffer> buffer_;
};

}  // namespace godseye::sdk
