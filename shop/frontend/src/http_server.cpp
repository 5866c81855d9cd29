#include "http_server.h"

#include "request_head.h"

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>

namespace vcommerce::frontend {
namespace {

using Tick = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPollStep{100};

int left_ms(Tick::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Tick::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

bool ready(int socket, short events, int wait_ms) {
  pollfd one{.fd = socket, .events = events, .revents = 0};
  return ::poll(&one, 1, wait_ms) > 0;
}

// The library's queue of connections: the one that accepts waits while it is full, so the bound is kept without
// forgetting a socket.
class Workers final : public httplib::TaskQueue {
 public:
  Workers(size_t threads, size_t waiting_max, std::atomic<size_t>& waiting)
      : waiting_max_(waiting_max), waiting_(waiting) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> task) override {
    base::MutexLock lock(mutex_);
    while (tasks_.size() >= waiting_max_ && !ended_) room_.wait(mutex_);
    tasks_.push_back(std::move(task));
    waiting_ = tasks_.size();
    work_.notify_one();
  }

  void shutdown() override {
    {
      base::MutexLock lock(mutex_);
      ended_ = true;
    }
    work_.notify_all();
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work() {
    for (;;) {
      std::function<void()> task;
      {
        base::MutexLock lock(mutex_);
        while (tasks_.empty() && !ended_) work_.wait(mutex_);
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
        waiting_ = tasks_.size();
      }
      room_.notify_one();
      task();
    }
  }

  const size_t waiting_max_;
  std::atomic<size_t>& waiting_;
  base::Mutex mutex_;
  base::ConditionVariable work_;
  base::ConditionVariable room_;
  std::deque<std::function<void()>> tasks_ GE_GUARDED_BY(mutex_);
  bool ended_ GE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

// One request of a connection for the library: the head as checked_head() left it, then the end.
class RequestStream final : public httplib::Stream {
 public:
  RequestStream(int socket, std::string bytes, std::chrono::milliseconds write_wait)
      : socket_(socket), bytes_(std::move(bytes)), write_wait_(write_wait) {}

  bool is_readable() const override { return given_ < bytes_.size(); }
  bool is_writable() const override { return ready(socket_, POLLOUT, 0); }
  ssize_t read(char* to, size_t size) override {
    const size_t count = std::min(size, bytes_.size() - given_);
    bytes_.copy(to, count, given_);
    given_ += count;
    return static_cast<ssize_t>(count);
  }
  // One deadline for the whole answer: a reader that takes a byte a second does not hold a thread for an hour.
  ssize_t write(const char* from, size_t size) override {
    if (!deadline_) deadline_ = Tick::now() + write_wait_;
    if (!ready(socket_, POLLOUT, left_ms(*deadline_))) return -1;
    return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { name(ip, port, ::getpeername); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { name(ip, port, ::getsockname); }
  socket_t socket() const override { return socket_; }

 private:
  void name(std::string& ip, int& port, int (*get)(int, sockaddr*, socklen_t*)) const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST] = "";
    char service[NI_MAXSERV] = "0";
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (get(socket_, any, &size) == 0) {
      ::getnameinfo(any, size, host, sizeof host, service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
    }
    ip = host;
    port = std::atoi(service);
  }

  int socket_;
  std::string bytes_;
  size_t given_ = 0;
  std::chrono::milliseconds write_wait_;
  std::optional<Tick::time_point> deadline_;
};

// What of a connection was read and not used yet.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}

  // Until `enough(buffer)`, the deadline, or the end of the connection: false. The deadline is asked for again and
  // again.
  template <typename Deadline, typename Enough>
  bool read_until(Deadline deadline, size_t bytes_max, Enough enough) {
    while (!enough(buffer)) {
      if (buffer.size() >= bytes_max) return false;
      char chunk[8 << 10];
      const int left = left_ms(deadline());
      if (!ready(socket_, POLLIN, std::min(left, static_cast<int>(kPollStep.count())))) {
        if (left == 0) return false;
        continue;
      }
      const ssize_t count = ::recv(socket_, chunk, std::min(sizeof chunk, bytes_max - buffer.size()), MSG_DONTWAIT);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (count <= 0) return closed = true, false;
      buffer.append(chunk, static_cast<size_t>(count));
    }
    return true;
  }

  std::string buffer;
  bool closed = false;

 private:
  int socket_;
};

void send_all(int socket, std::string_view bytes, Tick::time_point deadline) {
  while (!bytes.empty() && ready(socket, POLLOUT, left_ms(deadline))) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

// Written without the library, which never saw the request.
std::string refusal_text(const WebResponse& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " Refused\r\nContent-Type: " + answer.content_type +
                     "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n" + answer.body;
}

void fill(WebResponse from, httplib::Response& to) {
  to.status = from.status;
  to.body = std::move(from.body);
  if (!from.content_type.empty()) to.headers.emplace("Content-Type", from.content_type);
  for (auto& [name, value] : from.headers) to.headers.emplace(std::move(name), std::move(value));
}

class Server final : public HttpServer, private httplib::Server {
 public:
  Server(Limits limits, HttpServer::Handler handler, Refusal refusal)
      : limits_(limits), handler_(std::move(handler)), refusal_(std::move(refusal)) {
    new_task_queue = [this] { return new Workers(limits_.threads, limits_.waiting_max, waiting_); };
    // Every request is answered here, before the library matches patterns.
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      WebRequest& plain = *request_of_thread();
      plain.method = request.method;
      plain.target = request.target;
      plain.remote_address = request.remote_addr;
      fill(handler_(plain), response);
      return HandlerResponse::Handled;
    });
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    set_tcp_nodelay(true);
    set_keep_alive_max_count(static_cast<size_t>(limits_.requests_per_connection));
    set_keep_alive_timeout(std::chrono::duration_cast<std::chrono::seconds>(limits_.keep_alive).count());
  }
  ~Server() override { stop(); }

  base::Status listen_on(const std::string& listen) {
    const size_t colon = listen.rfind(':');
    int port = -1;
    if (colon != std::string::npos && colon + 1 < listen.size()) port = std::atoi(listen.c_str() + colon + 1);
    if (port < 0 || port > 65'535) {
      return base::Error(base::ErrorCode::kInvalidArgument, "http-listen: " + listen + " is not HOST:PORT");
    }
    const std::string host = listen.substr(0, colon);
    if (port == 0) {
      port = bind_to_any_port(host);
    } else if (!bind_to_port(host, port)) {
      port = -1;
    }
    if (port <= 0) return base::Error(base::ErrorCode::kUnavailable, "cannot listen on " + listen + " (http-listen)");
    address_ = host + ":" + std::to_string(port);
    accepting_ = std::thread([this] {
      listen_after_bind();
      ended_ = true;
    });
    return base::ok();
  }

  const std::string& address() const override { return address_; }

  void stop() override {
    stopping_ = true;
    // The library forgets a stop that comes before its loop began.
    while (accepting_.joinable() && !is_running() && !ended_) std::this_thread::yield();
    httplib::Server::stop();
    if (accepting_.joinable()) accepting_.join();
  }

 private:
  // The request that the library is given in part: headers and body are here.
  static WebRequest*& request_of_thread() {
    thread_local WebRequest* request = nullptr;
    return request;
  }

  bool process_and_close_socket(socket_t socket) override {
    serve(socket);
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return true;
  }

  // Waits for the first byte of the next request; gives up early when others need the thread.
  bool wait_for_request(int socket, const Connection& connection, bool first) {
    if (!connection.buffer.empty()) return true;
    const auto deadline = Tick::now() + limits_.keep_alive;
    while (!ready(socket, POLLIN, std::min<int>(left_ms(deadline), static_cast<int>(kPollStep.count())))) {
      if (left_ms(deadline) == 0 || stopping_ || (waiting_ > 0 && !first)) return false;
    }
    return true;
  }

  void serve(int socket) {
    Connection connection(socket);
    for (int count = 0; count < limits_.requests_per_connection && !stopping_; ++count) {
      if (!wait_for_request(socket, connection, count == 0)) return;
      if (!serve_one(socket, connection, count + 1 == limits_.requests_per_connection)) return;
    }
  }

  void refuse(int socket, int status) {
    send_all(socket, refusal_text(refusal_(status)), Tick::now() + limits_.write_wait);
    // What it still sends is read and thrown away for a moment, or the answer would be lost in a reset.
    ::shutdown(socket, SHUT_WR);
    Connection rest(socket);
    const auto soon = Tick::now() + kPollStep;
    rest.read_until([soon] { return soon; }, limits_.body_bytes_max * 4, [](const std::string&) { return false; });
  }

  // False: the connection is over.
  bool serve_one(int socket, Connection& connection, bool last) {
    // Those who send a byte now and then hold their threads for less once others wait for one.
    const auto deadline = [this, begun = Tick::now()] {
      return begun + (waiting_ > 0 ? limits_.request_wait_busy : limits_.request_wait);
    };
    const auto whole_head = [](const std::string& buffer) { return head_end(buffer).has_value(); };
    if (!connection.read_until(deadline, kHeadBytesMax, whole_head)) {
      if (!connection.closed) refuse(socket, connection.buffer.size() >= kHeadBytesMax ? 431 : 408);
      return false;
    }
    const size_t end = *head_end(connection.buffer);
    Head head = checked_head(std::string_view(connection.buffer).substr(0, end), limits_.body_bytes_max);
    if (head.refused != 0) return refuse(socket, head.refused), false;
    const size_t size = end + head.body_bytes;
    const auto whole_body = [size](const std::string& buffer) { return buffer.size() >= size; };
    if (!connection.read_until(deadline, kHeadBytesMax + limits_.body_bytes_max, whole_body)) {
      if (!connection.closed) refuse(socket, 408);
      return false;
    }
    WebRequest request{.headers = std::move(head.headers), .body = connection.buffer.substr(end, head.body_bytes)};
    connection.buffer.erase(0, size);
    request_of_thread() = &request;
    RequestStream stream(socket, std::move(head.text), limits_.write_wait);
    bool closed = false;
    const bool done = process_request(stream, last || stopping_, closed, nullptr);
    request_of_thread() = nullptr;
    return done && !closed;
  }

  const Limits limits_;
  const HttpServer::Handler handler_;
  const Refusal refusal_;
  std::string address_;
  std::atomic<size_t> waiting_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ended_ = false;
  std::thread accepting_;
};

}  // namespace

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& listen, Limits limits, Handler handler,
                                                            Refusal refusal) {
  auto server = std::make_unique<Server>(limits, std::move(handler), std::move(refusal));
  if (base::Status listening = server->listen_on(listen); !listening) return std::move(listening).error();
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace vcommerce::frontend
