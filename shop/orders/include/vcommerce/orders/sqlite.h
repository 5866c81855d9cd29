#pragma once

#include <godseye/sqlite/database.h>

#include <vcommerce/runtime/names.h>

// What order services write down so that a kill loses nothing: books in SQLite. `Database::open(path, schema, sync)` is
// how each of them begins. With Sync::kProcess a commit costs one write; the wait for the disk on top of it is what an
// order should only pay where a loss of power would cost somebody money: `wait_for_disk`.
//
// Threads: a `Database` serves one at a time. Its owner locks `mutex()` around what belongs together.
namespace vcommerce {

using godseye::sqlite::Database;
using godseye::sqlite::Statement;
using godseye::sqlite::Sync;
using godseye::sqlite::Transaction;

}  // namespace vcommerce
