#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <godseye/api/router.h>
#include <godseye/base/result.h>

// POST /api/godseye/v1/backups {"name":"before-upgrade"} writes everything into a new directory and answers 201 with
// {"name","path","bytes","duration_ms"} when it is complete, which takes as long as copying the data does. Without a
// name it is the time. 400 for a name that is no plain file name, 409 when it exists or a backup is running.
namespace godseye::api {

struct BackupReport {
  std::string name;
  std::string path;  // on the server
  uint64_t bytes = 0;
  int64_t duration_ms = 0;
};

// `make` is called by one request at a time, on a worker thread; an empty name asks it to choose.
void add_backup_routes(Router& router, std::function<base::Result<BackupReport>(std::string_view name)> make);

}  // namespace godseye::api
