#pragma once

#include "channel.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

namespace godseye::net {

// The certificate and key of one listener, read again when their files change (tls.h). Threads: any.
class TlsIdentity {
 public:
  // Null without names. kInvalidArgument names the file and what is wrong with it, also a key that does not fit.
  static base::Result<std::unique_ptr<TlsIdentity>> load(const std::string& certificate_file,
                                                         const std::string& key_file);

  // For a new connection. Looks at the files at most once a second; never fails: in doubt it is what was there.
  std::shared_ptr<SSL_CTX> current();

  uint64_t reloads() const { return reloads_.load(std::memory_order_relaxed); }
  uint64_t reload_failures() const { return reload_failures_.load(std::memory_order_relaxed); }

 private:
  TlsIdentity(std::string certificate_file, std::string key_file, std::shared_ptr<SSL_CTX> context);

  const std::string certificate_file_;
  const std::string key_file_;
  base::Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ GE_GUARDED_BY(mutex_);
  std::string stamp_ GE_GUARDED_BY(mutex_);  // of the files as they were tried last
  base::TickTime look_at_ GE_GUARDED_BY(mutex_);
  uint64_t generation_ GE_GUARDED_BY(mutex_);
  std::atomic<uint64_t> reloads_{0}, reload_failures_{0};
};

}  // namespace godseye::net
