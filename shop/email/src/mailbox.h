#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/file.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// A mailbox for development: an SMTP receiver on loopback that writes what it gets as .eml files, which any mail
// program opens. It relays nothing. One thread. Limits: 16 conversations at a time (more are told 421), 30 s of
// silence, 1,000 files (the oldest go), and those of SmtpSession.
namespace vcommerce::email {

class LocalMailbox {
 public:
  struct Config {
    std::string directory;  // made when it is not there
    std::string host = "127.0.0.1";
    int port = 0;
    size_t files_max = 1'000;
  };
  // kUnavailable: the port is taken.
  static base::Result<std::unique_ptr<LocalMailbox>> start(Config config, base::Clock clock);
  ~LocalMailbox();

  int port() const { return port_; }
  int64_t received() const { return received_.load(); }
  int64_t conversations() const { return conversations_.load(); }  // begun so far

 private:
  struct Conversation;
  LocalMailbox(Config config, base::Clock clock, base::FileDescriptor listener, int port);
  void run();
  bool keep(const struct ReceivedMail& mail);
  void find_kept();
  void forget_beyond_limit();

  Config config_;
  base::Clock clock_;
  base::FileDescriptor listener_;
  int port_;
  std::deque<std::string> files_;  // those that are kept, the oldest first; of the thread alone
  std::atomic<int64_t> received_{0};
  std::atomic<int64_t> conversations_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace vcommerce::email
