#pragma once

#include <godseye/sqlite/database.h>

#include <vcommerce/runtime/names.h>

// What order services write down so that a kill loses nothing: books in SQLite. `Database::open(path, schema)` is how
// each of them begins; lasts.h says which commits wait for the disk.
//
// Threads: a `Database` serves one at a time. Its owner locks `mutex()` around what belongs together.
namespace vcommerce {

using godseye::sqlite::Database;
using godseye::sqlite::Statement;
using godseye::sqlite::Transaction;

}  // namespace vcommerce
