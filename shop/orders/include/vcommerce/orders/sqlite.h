#pragma once

#include <godseye/sqlite/database.h>

#include <vcommerce/runtime/names.h>

// What order services write down so that a kill loses nothing: books in SQLite, each commit on its way to the disk
// before the answer (also for a loss of power). `Database::open(path, schema)` is how each of them begins.
//
// Threads: a `Database` serves one at a time. Its owner locks `mutex()` around what belongs together.
namespace vcommerce {

using godseye::sqlite::Database;
using godseye::sqlite::Statement;
using godseye::sqlite::Transaction;

}  // namespace vcommerce
