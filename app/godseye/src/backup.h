#pragma once

#include "settings.h"

#include <iosfwd>
#include <string>
#include <string_view>

#include <godseye/api/backup_routes.h>
#include <godseye/base/clock.h>
#include <godseye/registry/registry.h>
#include <godseye/store/store.h>

// Everything under the data directory into one directory, while the server works, and back into a new data directory
// (docs/operations.md). A backup:
//   manifest.json     version, time; written last: without it the directory is no backup
//   registry.sqlite   monitors, incidents, users, keys, blocks
//   store/            journal/ and engine/ (store::Store::backup)
//   files/            what else lies in the data directory: catalogues, prices, the key of the provider keys
namespace godseye::app {

// Into `settings.backup_dir`/`name` (empty: the time in UTC). An unfinished one is called NAME.partial and removed when
// the next of that name begins. kAlreadyExists, kNoSpace, kIo name the path; kUnavailable while the engine is down.
base::Result<api::BackupReport> make_backup(const Settings& settings, const base::Clock& clock,
                                            const registry::Registry& registry, store::Store& store,
                                            std::string_view name);

// Makes `settings.data_dir`, which must not exist, from backup `from`, tells its steps to `out`, and leaves nothing
// behind when it fails. Ok: `godseye serve` on it has all that the backup holds.
base::Status restore_backup(const Settings& settings, const std::string& from, const base::Clock& clock,
                            std::ostream& out);

struct BackupCommand {
  std::string name;  // empty: the time
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;  // empty: none is sent (a server with --anonymous-loopback)
  std::string app_key;
  bool json = false;  // the server's answer as it is
};

// `godseye backup`: asks a running server. Exit code: 0 it is complete; 1 the server refuses; 2 it cannot be reached.
int run_backup(const BackupCommand& command, std::ostream& out, std::ostream& errors);

}  // namespace godseye::app
