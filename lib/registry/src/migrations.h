#pragma once

#include "connection.h"

#include <string_view>

#include <godseye/base/result.h>

namespace godseye::registry {

// The newest version we know; what an up to date file has as its user_version.
int newest_schema_version();
// Brings the file to the newest version, one transaction a step. kInvalidArgument when the file is newer than we are or
// belongs to another program.
base::Status migrate(Connection& connection);
// The same up to schema `newest`, for tests of files that older versions wrote.
base::Status migrate_to(Connection& connection, int newest);

// The SQL of the step from schema `version` - 1 to `version`, 1 to the newest.
std::string_view migration_step(int version);

}  // namespace godseye::registry
