#pragma once

#include "channel.h"
#include "http1.h"
#include "loop_core.h"
#include "tls_identity.h"

#include <atomic>
#include <coroutine>
#include <memory>
#include <unordered_map>
#include <vector>

#include <godseye/net/stream_server.h>

namespace godseye::net {

// What all connections of one server share. Counters are relaxed: limits and display, no order with other memory.
struct StreamServerCore {
  StreamServerCore(StreamServerConfig config_in, StreamServer::Handler handler_in)
      : config(std::move(config_in)), handler(std::move(handler_in)) {}
  const StreamServerConfig config;
  const StreamServer::Handler handler;
  std::unique_ptr<TlsIdentity> tls;

  std::atomic<bool> stopping{false};  // finish what runs, start nothing
  std::atomic<size_t> connections_now{0}, tls_handshakes_now{0}, exchanges_now{0}, bodies_bytes_now{0};
  std::atomic<uint64_t> connections{0}, connections_refused{0}, requests{0}, bytes_in{0}, bytes_out{0}, malformed{0},
      too_large{0}, timeouts{0}, overloaded{0}, handler_failures{0}, clients_gone{0}, bad_response_headers{0},
      tls_handshakes{0}, tls_failures{0}, tls_handshakes_refused{0};

  base::Mutex end_mutex;
  base::ConditionVariable ended;  // connections_now has become smaller

  void connection_ended();
};

// The connections of one server on one loop. Loop thread only.
using ConnectionSet = std::unordered_map<StreamConnection*, std::unique_ptr<StreamConnection>>;

// One connection of a client:
//   (TLS) → idle → head → body → handling (the handler's task runs) → idle again, or → goodbye → closed
// What is to be sent collects in `out_` and leaves at the end of the turn. While the handler's task runs nothing is
// read: what a pipelining client sends waits in the socket. Frees itself, later than anything it was called from.
class StreamConnection final : public FdWatcher, public TurnEnd {
 public:
  StreamConnection(StreamServerCore& server, IoLoop& loop, ConnectionSet& owner, Accepted accepted);
  ~StreamConnection();

  void start();
  // Close when idle, after the running exchange otherwise.
  void stop_soon();
  // Cancel and close now.
  void cut();

  void on_events(uint32_t events) override;
  void at_turn_end() override;

  // For Exchange.
  IoLoop& loop() { return loop_; }
  void answer(HttpResponse response);
  void begin(AnswerHead head);
  bool begun() const { return stage_ != Stage::kNothing; }
  void write(std::string_view piece);
  bool may_write_on() const { return gone_ || pending() <= server_.config.write_pending_bytes_max; }
  void wait_to_write(std::coroutine_handle<> waiting) { writer_ = waiting; }
  bool gone() const { return gone_; }
  void end();
  void abort();

 private:
  enum class State : uint8_t { kHandshake, kIdle, kHead, kBody, kHandling, kGoodbye, kClosed };
  enum class Stage : uint8_t { kNothing, kPieces, kComplete };            // of the answer
  enum class Framing : uint8_t { kNoBody, kLength, kChunked, kToClose };  // of an answer in pieces

  void enter(State state);
  void update_timer();
  void on_due();

  void advance();
  bool handshake();
  // False: nothing more to read now, or closed.
  bool read_more();
  bool read_head();
  bool take_head(std::string_view head);
  bool read_body();
  void on_end_of_input();
  void start_handling();
  Task<> run_handler();
  void task_ended();
  void refuse(int status, std::string_view text);

  void send(std::string_view bytes);
  size_t pending() const { return out_.size() - out_at_; }
  void flush();
  void resume_writer();
  void render_head(int status, const Headers& headers, std::string_view framing_field);
  // The client has left: nobody waits for what the task does.
  void leave();
  void close();
  void say_goodbye();
  void drain();

  StreamServerCore& server_;
  IoLoop& loop_;
  LoopCore& core_;
  ConnectionSet& owner_;
  const Peer peer_;
  Channel channel_;

  State state_ = State::kHandshake;
  Stage stage_ = Stage::kNothing;
  Framing framing_ = Framing::kNoBody;
  bool shaking_ = false;  // of tls_handshakes_now
  bool readable_ = false;
  bool peer_closed_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool head_request_ = false;
  bool gone_ = false;
  bool drain_ = false;  // refused: the client may still be sending

  std::string in_;
  size_t in_at_ = 0;
  size_t searched_ = 0;
  BodyReader body_;
  size_t charged_ = 0;  // of bodies_bytes_now
  std::unique_ptr<Exchange> exchange_;

  std::string out_;
  size_t out_at_ = 0;
  uint64_t length_left_ = 0;
  size_t drained_ = 0;
  std::coroutine_handle<> writer_;

  Timer timer_;
  base::TickTime phase_due_ = base::TickTime::max();
  base::TickTime write_due_ = base::TickTime::max();
  size_t progress_ = 0;  // sent since write_due_ was set
};

inline void bump(std::atomic<uint64_t>& counter, uint64_t by = 1) { counter.fetch_add(by, std::memory_order_relaxed); }

}  // namespace godseye::net
