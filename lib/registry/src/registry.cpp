#include "connection.h"
#include "migrations.h"

#include <deque>
#include <exception>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/registry/registry.h>

#include <sodium.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr int kCacheKib = 8192;

struct Job {
  const std::function<Status(WriteSession&)>* work;
  Status result = base::ok();
  bool done = false;
};

// What a function throws is a bug of ours or memory that ran out; the transaction is rolled back either way.
template <typename Work, typename Session>
Status run_guarded(const Work& work, Session& session) {
  try {
    return work(session);
  } catch (const std::exception& thrown) {
    return Error(ErrorCode::kInternal, std::string("registry: ") + thrown.what());
  }
}

Status run_transaction(Connection& connection, const std::string& key_secret,
                       const std::function<Status(WriteSession&)>& work) {
  sqlite::Transaction transaction(connection);
  if (!transaction.status()) return transaction.status();
  WriteSession session(connection, key_secret);
  Status status = run_guarded(work, session);
  return status ? transaction.commit() : status;
}

base::Result<std::unique_ptr<Connection>> connect(const std::string& path, sqlite::Access access) {
  auto connection = Connection::open(path, sqlite::Options{.access = access});
  if (!connection) return std::move(connection).error().within("registry");
  return connection;
}

// A damaged page is told at the start, not in the middle of an incident. Larger files would hold the start up: their
// damage is reported by the statement that meets it.
constexpr uintmax_t kCheckedBytesMax = 256U << 20;

Status check_integrity(Connection& connection) {
  std::error_code failed;
  const uintmax_t bytes = std::filesystem::file_size(connection.path(), failed);
  if (failed || bytes > kCheckedBytesMax) return base::ok();
  Statement statement(connection, "PRAGMA quick_check(1)");
  const std::string found = statement.step() ? statement.text(0) : "ok";
  if (!statement.status()) return statement.status();
  if (found == "ok") return base::ok();
  return Error(ErrorCode::kCorrupt, "registry " + connection.path() + ": damaged (" + found +
                                        "); restore it from a backup or move it away to start anew");
}

base::Result<std::string> load_key_secret(Connection& connection) {
  Statement statement(connection, "SELECT value FROM meta WHERE name = 'key_secret'");
  if (!statement.step() || statement.text(0).size() != crypto_generichash_KEYBYTES) {
    return Error(ErrorCode::kCorrupt, "registry " + connection.path() + ": the secret of the key hashes is missing");
  }
  return statement.text(0);
}

}  // namespace

struct Registry::Impl {
  RegistryConfig config;
  std::unique_ptr<Connection> writer;  // used by the writer thread alone, once it runs
  std::string key_secret;

  mutable base::Mutex write_mutex;
  base::ConditionVariable work_ready;
  base::ConditionVariable work_done;
  std::deque<Job*> jobs GE_GUARDED_BY(write_mutex);
  bool stopping GE_GUARDED_BY(write_mutex) = false;
  RegistryStats counters GE_GUARDED_BY(write_mutex);

  mutable base::Mutex read_mutex;
  mutable base::ConditionVariable reader_free;
  mutable std::vector<std::unique_ptr<Connection>> idle_readers GE_GUARDED_BY(read_mutex);
  mutable size_t readers GE_GUARDED_BY(read_mutex) = 0;
  mutable uint64_t reads GE_GUARDED_BY(read_mutex) = 0;

  std::thread thread;  // last: started when everything above exists

  void write_loop();
  base::Result<std::unique_ptr<Connection>> take_reader() const;
  void give_back(std::unique_ptr<Connection> reader) const;
};

void Registry::Impl::write_loop() {
  for (;;) {
    Job* job = nullptr;
    {
      base::MutexLock lock(write_mutex);
      while (jobs.empty() && !stopping) work_ready.wait(write_mutex);
      if (jobs.empty()) return;
      job = jobs.front();
      jobs.pop_front();
    }
    Status result = run_transaction(*writer, key_secret, *job->work);
    base::MutexLock lock(write_mutex);
    ++(result ? counters.writes : counters.writes_failed);
    job->result = std::move(result);
    job->done = true;
    work_done.notify_all();
  }
}

base::Result<std::unique_ptr<Connection>> Registry::Impl::take_reader() const {
  {
    base::MutexLock lock(read_mutex);
    const auto deadline = base::system_clock().tick() + config.reader_wait;
    while (idle_readers.empty() && readers >= config.readers_max) {
      if (!reader_free.wait_until(read_mutex, deadline) && idle_readers.empty() && readers >= config.readers_max) {
        return Error(ErrorCode::kTimeout, "registry: all " + std::to_string(config.readers_max) +
                                              " reading connections stayed busy; try again");
      }
    }
    ++reads;
    if (!idle_readers.empty()) {
      std::unique_ptr<Connection> reader = std::move(idle_readers.back());
      idle_readers.pop_back();
      return reader;
    }
    ++readers;
  }
  base::Result<std::unique_ptr<Connection>> opened = connect(config.path.string(), sqlite::Access::kReadOnly);
  if (!opened) {
    base::MutexLock lock(read_mutex);
    --readers;
    reader_free.notify_one();
  }
  return opened;
}

void Registry::Impl::give_back(std::unique_ptr<Connection> reader) const {
  base::MutexLock lock(read_mutex);
  idle_readers.push_back(std::move(reader));
  reader_free.notify_one();
}

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<Registry>> Registry::open(RegistryConfig config) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "libsodium finds no source of randomness");
  auto impl = std::make_unique<Impl>();
  base::Result<std::unique_ptr<Connection>> writer = connect(config.path.string(), sqlite::Access::kReadWrite);
  if (!writer) return std::move(writer).error();
  Connection& connection = **writer;
  if (Status status = check_integrity(connection); !status) return status.error();
  if (Status status = migrate(connection); !status) return status.error();
  const sqlite::Pragmas pragmas{.sync = config.sync == Sync::kFull ? sqlite::Sync::kPower : sqlite::Sync::kProcess,
                                .foreign_keys = true,
                                .cache_kib = kCacheKib};
  if (Status status = connection.apply(pragmas); !status) return status.error();
  base::Result<std::string> key_secret = load_key_secret(connection);
  if (!key_secret) return std::move(key_secret).error();
  impl->config = std::move(config);
  impl->key_secret = *std::move(key_secret);
  impl->writer = *std::move(writer);
  Impl* running = impl.get();
  impl->thread = std::thread([running] { running->write_loop(); });
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

Registry::~Registry() {
  {
    base::MutexLock lock(impl_->write_mutex);
    impl_->stopping = true;
    impl_->work_ready.notify_all();
  }
  impl_->thread.join();
}

Status Registry::write(const std::function<Status(WriteSession&)>& work) {
  GE_ASSERT(std::this_thread::get_id() != impl_->thread.get_id(),
            "a write waiting for the writer inside it never ends");
  Job job{.work = &work};
  base::MutexLock lock(impl_->write_mutex);
  if (impl_->stopping) return Error(ErrorCode::kCancelled, "registry: shutting down");
  if (impl_->jobs.size() >= impl_->config.writes_waiting_max) {
    ++impl_->counters.writes_refused;
    return Error(ErrorCode::kQueueFull,
                 "registry: " + std::to_string(impl_->jobs.size()) + " writes are waiting already; try again");
  }
  impl_->jobs.push_back(&job);
  impl_->work_ready.notify_one();
  while (!job.done) impl_->work_done.wait(impl_->write_mutex);
  return std::move(job.result);
}

Status Registry::read(const std::function<Status(ReadSession&)>& work) const {
  base::Result<std::unique_ptr<Connection>> reader = impl_->take_reader();
  if (!reader) return std::move(reader).error();
  const Status status = [&]() -> Status {
    const sqlite::Transaction moment(**reader, sqlite::Transaction::Kind::kRead);
    if (!moment.status()) return moment.status();
    ReadSession session(**reader, impl_->key_secret);
    return run_guarded(work, session);
  }();
  impl_->give_back(*std::move(reader));
  return status;
}

Status Registry::copy_to(const std::string& path) const {
  std::error_code failure;
  if (std::filesystem::exists(path, failure)) return Error(ErrorCode::kAlreadyExists, path + " is there already");
  // A connection of its own: VACUUM cannot run inside the transaction that `read` begins.
  base::Result<std::unique_ptr<Connection>> source = connect(impl_->config.path.string(), sqlite::Access::kReadOnly);
  if (!source) return std::move(source).error();
  return Statement(**source, "VACUUM INTO ?").bind(path).run();
}

RegistryStats Registry::stats() const {
  RegistryStats stats;
  {
    base::MutexLock lock(impl_->write_mutex);
    stats = impl_->counters;
    stats.writes_waiting = impl_->jobs.size();
  }
  base::MutexLock lock(impl_->read_mutex);
  stats.reads = impl_->reads;
  return stats;
}

int Registry::schema_version() { return newest_schema_version(); }

std::string new_uuid() {
  unsigned char bytes[16];
  randombytes_buf(bytes, sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace godseye::registry
