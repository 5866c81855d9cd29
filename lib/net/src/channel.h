#pragma once

#include "listen_socket.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace godseye::net {

struct TlsContextDeleter {
  void operator()(SSL_CTX* context) const;
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsContextDeleter>;

// kInvalidArgument names the file and the reason.
base::Result<TlsContext> make_server_tls(const std::string& certificate_file, const std::string& key_file);
base::Result<TlsContext> make_client_tls(const std::string& ca_file, bool verify);

enum class IoState : unsigned char {
  kDone,   // some bytes moved, or the handshake is complete
  kAgain,  // not now: wait for the descriptor
  kEnd,    // the peer has closed its side
  kBroken  // reset, TLS failure
};

// A non-blocking byte stream over a socket, with or without TLS. Never waits. Not thread-safe.
class Channel {
 public:
  Channel() = default;
  // Plain.
  explicit Channel(FileDescriptor fd) : fd_(std::move(fd)) {}
  Channel(Channel&&) noexcept = default;
  Channel& operator=(Channel&&) noexcept = default;
  ~Channel();

  // Put TLS on top; handshake() must be done before bytes move. False without memory.
  bool accept_tls(SSL_CTX* context);
  // `host` is checked against the certificate when `verify`.
  bool connect_tls(SSL_CTX* context, const std::string& host, bool verify);

  // kDone when complete. `why_broken` says what failed.
  IoState handshake();
  std::string why_broken() const { return why_broken_; }

  // `moved` is the number of bytes with kDone, otherwise 0.
  IoState read(char* into, size_t size, size_t& moved);
  IoState write(std::string_view bytes, size_t& moved);
  // Tell the peer that nothing more comes.
  void close_sending();
  // Closing shall reset the connection instead of ending it.
  void set_reset_on_close();
  void close();
  bool is_open() const { return static_cast<bool>(fd_); }
  bool tls() const { return ssl_ != nullptr; }
  // Decrypted bytes wait that no readiness will announce.
  bool has_pending() const;
  int fd() const { return fd_.get(); }

 private:
  IoState tls_outcome(int returned);
  struct SslDeleter {
    void operator()(SSL* ssl) const;
  };
  FileDescriptor fd_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::string why_broken_;
};

// A peer that vanished without a word is noticed after about two minutes of silence.
void set_keep_alive(int fd);

}  // namespace godseye::net
