#pragma once

#include <optional>
#include <string>
#include <string_view>

// ClickHouse's HTTP interface takes `INSERT INTO t (a, b) FORMAT Native` with the data as the rest of the body. The
// embedded engine would cut binary data at the first `;`, so the statement is taken apart here and the data handed over
// through a file descriptor. Pure functions over outside bytes.
namespace godseye::engine {

struct InsertStatement {
  std::string head;       // "INSERT INTO t (a, b) SETTINGS x = 1", up to FORMAT or VALUES
  std::string format;     // "Native"; "Values" for VALUES
  size_t data_begin = 0;  // offset in the text where inline data starts; its size when there is none
};

// The parts of `text` when it is an INSERT whose data is given inline or beside it; nothing for every other statement
// (INSERT … SELECT included). An INSERT that ends without FORMAT has the format Values, as in ClickHouse.
std::optional<InsertStatement> split_insert(std::string_view text);

// `text` as an SQL string literal with its quotes.
std::string sql_quoted(std::string_view text);
// True for [A-Za-z_][A-Za-z0-9_]*, at most 128 bytes: names of formats, settings, databases and parameters.
bool is_identifier(std::string_view text);

}  // namespace godseye::engine
