#pragma once

#include <memory>
#include <string>

#include <godseye/base/result.h>
#include <godseye/sqlite/database.h>

// The registry's names for what it uses of lib/sqlite.
namespace godseye::registry {

using Connection = sqlite::Database;
using sqlite::Statement;

}  // namespace godseye::registry
