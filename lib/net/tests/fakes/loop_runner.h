#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <godseye/net/io_loop.h>
#include <godseye/net/stream_client.h>

namespace godseye::net {

// Runs `task` on `loop` and waits for its end.
inline void run_on(IoLoop& loop, Task<> task) {
  std::promise<void> ended;
  loop.spawn(std::move(task), [&] { ended.set_value(); });
  ended.get_future().wait();
}

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// What came of one call.
struct Outcome {
  std::optional<CallFailure> failure;
  int status = 0;
  Headers headers;
  std::string body;
  bool reused = false;
  size_t pieces = 0;
};

inline Task<> make_call(IoLoop& loop, StreamClient& client, StreamCall call, Cancel* cancel, Outcome& out) {
  std::unique_ptr<StreamAnswer> answer = co_await client.call(loop, std::move(call), cancel);
  out.reused = answer->reused();
  if (!answer->failure()) {
    out.status = answer->status();
    out.headers = answer->headers();
    while (true) {
      const std::string_view piece = co_await answer->next();
      if (piece.empty()) break;
      out.body.append(piece);
      ++out.pieces;
    }
  }
  out.failure = answer->failure();
}

inline Outcome outcome_of(IoLoop& loop, StreamClient& client, StreamCall call, Cancel* cancel = nullptr) {
  Outcome out;
  run_on(loop, make_call(loop, client, std::move(call), cancel, out));
  return out;
}

}  // namespace godseye::net
