#include "tls_identity.h"

#include <chrono>

#include <godseye/base/log.h>
#include <godseye/net/tls.h>

#include <openssl/ssl.h>
#include <sys/stat.h>

namespace godseye::net {
namespace {

constexpr std::chrono::seconds kLookInterval{1};

std::atomic<uint64_t>& wanted_generation() {
  static std::atomic<uint64_t> generation{0};
  return generation;
}

// Changes when a file is written, replaced, or a link points elsewhere.
std::string stamp_of(const std::string& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) != 0) return "none;";
  std::string out = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
  out += ":" + std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec);
  return out + ":" + std::to_string(info.st_mtim.tv_nsec) + ";";
}

}  // namespace

void reload_tls_certificates() { wanted_generation().fetch_add(1); }

TlsIdentity::TlsIdentity(std::string certificate_file, std::string key_file, std::shared_ptr<SSL_CTX> context)
    : certificate_file_(std::move(certificate_file)),
      key_file_(std::move(key_file)),
      context_(std::move(context)),
      generation_(wanted_generation().load()) {}

base::Result<std::unique_ptr<TlsIdentity>> TlsIdentity::load(const std::string& certificate_file,
                                                             const std::string& key_file) {
  if (certificate_file.empty() && key_file.empty()) return std::unique_ptr<TlsIdentity>();
  const std::string stamp = stamp_of(certificate_file) + stamp_of(key_file);
  base::Result<TlsContext> context = make_server_tls(certificate_file, key_file);
  if (!context) return std::move(context).error();
  std::unique_ptr<TlsIdentity> identity(
      new TlsIdentity(certificate_file, key_file, std::shared_ptr<SSL_CTX>(std::move(*context))));
  base::MutexLock lock(identity->mutex_);
  identity->stamp_ = stamp;
  identity->look_at_ = std::chrono::steady_clock::now() + kLookInterval;
  return identity;
}

std::shared_ptr<SSL_CTX> TlsIdentity::current() {
  base::MutexLock lock(mutex_);
  const base::TickTime now = std::chrono::steady_clock::now();
  const uint64_t wanted = wanted_generation().load();
  if (now < look_at_ && wanted == generation_) return context_;
  look_at_ = now + kLookInterval;
  std::string stamp = stamp_of(certificate_file_) + stamp_of(key_file_);
  if (stamp == stamp_ && wanted == generation_) return context_;
  stamp_ = std::move(stamp);
  generation_ = wanted;
  base::Result<TlsContext> context = make_server_tls(certificate_file_, key_file_);
  if (context) {
    context_ = std::shared_ptr<SSL_CTX>(std::move(*context));
    reloads_.fetch_add(1, std::memory_order_relaxed);
    spdlog::info("TLS: took the certificate {} anew", certificate_file_);
  } else {
    reload_failures_.fetch_add(1, std::memory_order_relaxed);
    spdlog::warn("TLS: keeping the certificate in service: {}", context.error().message());
  }
  return context_;
}

}  // namespace godseye::net
