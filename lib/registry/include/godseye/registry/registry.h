#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// `Registry` keeps what must be right rather than fast: keys, monitors, the states of their groups, incidents, webhooks
// and the deliveries still owed. It is one SQLite file in WAL mode.
//
// Writing. One thread owns the only writing connection. `write` hands it a function, which runs inside one
// `BEGIN IMMEDIATE` transaction; `write` returns after the commit (or the rollback). What one function did is there
// completely after a kill -9 at any point, or not at all. At most `writes_waiting_max` functions wait; the next gets
// kQueueFull at once. The typed functions of keys.h, monitors.h, group_states.h, incidents.h, webhooks.h and
// deliveries.h take the session the function is given.
// Reading. `read` runs a function on a pooled connection in the calling thread, on a snapshot taken at its first
// statement; readers never wait for the writer. At most `readers_max` at once; the next waits up to `reader_wait`, then
// gets kTimeout.
//
// Durability. `Sync::kFull` (default) syncs at each commit: a committed write survives power loss. `Sync::kNormal`
// syncs at checkpoints: it survives the death of any process, and power loss may take back the last commits, never
// corrupt the file. Writes are few (changes of state, not evaluations), so kFull is affordable.
//
// Opening. A file that is not a registry or is damaged gives kCorrupt, one written by a newer version
// kInvalidArgument, a directory that cannot be written kIo; each names the file. Migrations run in one transaction
// each. Threads: `read`, `write`, `stats` from any thread, but `write` not from inside `read` or `write`. Never call
// either on an I/O thread: both block. The destructor finishes the writes already accepted.
namespace godseye::registry {

enum class Sync : uint8_t { kFull, kNormal };

struct RegistryConfig {
  std::filesystem::path path;        // the file; its directory exists
  Sync sync = Sync::kFull;           //
  size_t writes_waiting_max = 1024;  // functions waiting for the writer thread
  size_t readers_max = 8;            // pooled reading connections
  std::chrono::milliseconds reader_wait{5000};
};

struct RegistryStats {
  uint64_t writes = 0;          // committed
  uint64_t writes_failed = 0;   // rolled back
  uint64_t writes_refused = 0;  // kQueueFull
  uint64_t reads = 0;
  size_t writes_waiting = 0;
};

class Registry {
 public:
  static base::Result<std::unique_ptr<Registry>> open(RegistryConfig config);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Runs `work` in one transaction on the writer thread and waits. Its error rolls back and is returned; a failed
  // commit is kIo or kNoSpace and nothing happened. `work` must not keep the session.
  base::Status write(const std::function<base::Status(WriteSession&)>& work);
  // Runs `work` on a snapshot, in the calling thread.
  base::Status read(const std::function<base::Status(ReadSession&)>& work) const;

  // The same for functions that return a value: `registry.fetch<MonitorRow>([&](ReadSession& s) {...})`.
  template <typename T>
  base::Result<T> fetch(const std::function<base::Result<T>(ReadSession&)>& work) const {
    base::Result<T> result = base::Error(base::ErrorCode::kInternal, "the read did not run");
    base::Status status = read([&](ReadSession& session) -> base::Status {
      result = work(session);
      return base::ok();
    });
    if (!status) return std::move(status).error();
    return result;
  }
  template <typename T>
  base::Result<T> change(const std::function<base::Result<T>(WriteSession&)>& work) {
    base::Result<T> result = base::Error(base::ErrorCode::kInternal, "the write did not run");
    base::Status status = write([&](WriteSession& session) -> base::Status {
      result = work(session);
      if (!result) return result.error();
      return base::ok();
    });
    if (!status) return std::move(status).error();
    return result;
  }

  // A whole copy of the committed state as the new file `path`, fit for `open`; reads and writes go on meanwhile.
  // kAlreadyExists, kIo and kNoSpace name it.
  base::Status copy_to(const std::string& path) const;

  RegistryStats stats() const;
  // The version this program writes; a file with a higher one is refused.
  static int schema_version();

 private:
  struct Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A random (version 4) UUID, lower case. For names of incidents and events.
std::string new_uuid();

}  // namespace godseye::registry
