#pragma once

#include "channel.h"
#include "http1.h"
#include "loop_core.h"
#include "resolver.h"

#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <godseye/net/stream_client.h>

namespace godseye::net {

class UpstreamPool;

// What all loops of one client share.
struct StreamClientCore {
  StreamClientConfig config;
  TlsContext tls;
  std::atomic<uint64_t> calls{0}, failures{0}, connects{0}, connections_now{0}, idle_now{0}, reuses{0}, retries{0},
      dropped_idle{0};
};

// One connection to a server, kept over many calls. At most one task waits on it. Loop thread only; destroyed by its
// owner (an answer or the pool), never from within its own functions.
class UpstreamConnection final : public FdWatcher {
 public:
  UpstreamConnection(StreamClientCore& client, IoLoop& loop, UpstreamPool& pool, std::string key);
  ~UpstreamConnection();

  enum class Woken : uint8_t { kEvent, kTimeout, kCancelled };
  // Suspends until something happens to the socket, `due` passes or `cancel` is requested.
  struct Wait {
    UpstreamConnection& connection;
    base::TickTime due;
    bool await_ready() const { return connection.woken_now(); }
    void await_suspend(std::coroutine_handle<> waiting) { connection.wait(waiting, due); }
    Woken await_resume() const { return connection.woken_; }
  };

  void on_events(uint32_t events) override;

  // Start connecting; false with a reason at once.
  bool begin_connect(const SocketAddress& address, std::string& why);
  // Connects (TLS too) to one of `addresses`, or says why not.
  Task<std::optional<CallFailure>> connect(const SocketAddresses& addresses, const Url& url, base::TickTime due);
  // Sends `head` and `body` and reads until `answer` has its head. Sets answer.failure_.
  Task<void> exchange(StreamAnswer& answer, std::string_view head, std::string_view body, const StreamCall& call,
                      base::TickTime total_due);
  // True when nothing was received since the last exchange began.
  bool silent() const { return received_ == 0; }
  bool sent_whole() const { return sent_whole_; }

  // For StreamAnswer::next: take the next piece if it is there. True: there is a piece, the end, or a failure.
  bool pull(StreamAnswer& answer);
  void wait_for_piece(StreamAnswer& answer, std::coroutine_handle<> waiting);

  // While kept: nobody waits; closing and stray bytes drop it.
  void rest();
  void set_call(Cancel* cancel);
  // While kept: the peer has closed it or sent something nobody asked for.
  bool stale() const;
  // Nobody owns it any more.
  void free_later();
  const std::string& key() const { return key_; }
  bool is_open() const { return channel_.is_open(); }
  void close();

 private:
  bool woken_now();
  void wait(std::coroutine_handle<> waiting, base::TickTime due);
  void wake(Woken why);
  Task<bool> send_all(StreamAnswer& answer, std::string_view bytes, const StreamCall& call, base::TickTime total_due);
  // Bytes of the head are in `in_`. True: done with it (also by failure).
  bool take_head(StreamAnswer& answer, bool head_request);
  bool take_from(StreamAnswer& answer, std::string_view bytes);
  void finish(StreamAnswer& answer, bool reusable);
  void fail(StreamAnswer& answer, CallFailureKind kind, std::string text);
  Woken cancelled_or(Woken why) const { return cancel_ && cancel_->requested() ? Woken::kCancelled : why; }

  StreamClientCore& client_;
  IoLoop& loop_;
  LoopCore& core_;
  UpstreamPool& pool_;
  const std::string key_;
  Channel channel_;

  bool readable_ = false;
  bool event_ = false;  // since the last wait
  bool resting_ = false;
  bool sent_whole_ = false;
  bool keep_alive_ = false;
  Woken woken_ = Woken::kEvent;
  std::coroutine_handle<> waiting_;
  StreamAnswer* piece_for_ = nullptr;  // the waiting task wants a piece

  std::string in_;  // received, not yet understood
  size_t searched_ = 0;
  uint64_t received_ = 0;
  BodyReader body_;
  std::chrono::milliseconds idle_{0};
  base::TickTime total_due_ = base::TickTime::max();

  Cancel* cancel_ = nullptr;
  std::optional<CancelListener> listener_;
  Timer timer_;
};

// The kept connections of one client on one loop.
class UpstreamPool {
 public:
  explicit UpstreamPool(StreamClientCore& client) : client_(client) {}
  std::unique_ptr<UpstreamConnection> take(const std::string& key);
  void keep(std::unique_ptr<UpstreamConnection> connection);
  // It has died or aged while kept. Freed later than the caller's frames.
  void drop(UpstreamConnection& connection);
  void clear();

 private:
  StreamClientCore& client_;
  std::unordered_map<std::string, std::vector<std::unique_ptr<UpstreamConnection>>> idle_;
};

}  // namespace godseye::net
