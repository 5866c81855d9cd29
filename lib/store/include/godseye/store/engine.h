#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/store/rows.h>

// `Engine` is ClickHouse as the rest of Godseye sees it: SQL in, typed columns out, blocks in. One implementation
// speaks ClickHouse's HTTP interface, to the child `godseye-store` on a Unix socket and to a remote server alike; tests
// put their own behind it.
//
// Threads: every function may be called from any thread; calls run in parallel up to the engine's pool of connections.
// Blocking: each call blocks until the answer or `timeout`. Never on an I/O thread.
// SQL text is written by us; whatever came from outside is bound as a parameter, never pasted in:
//
//   engine.select("SELECT max(value) FROM points WHERE metric = {metric:String} AND time >= {from:DateTime}",
//                 {.parameters = {{"metric", name}, {"from", std::to_string(from_s)}}});
//
// Errors: kInvalidArgument the engine refused the statement or the data (its message is kept); kTooLarge a limit on
// memory, rows or body; kTimeout; kQueueFull too many queries at once; kUnavailable the engine is down or restarting.
namespace godseye::store {

inline constexpr std::chrono::milliseconds kQueryTimeoutDefault{30'000};
inline constexpr size_t kAnswerBytesMax = 512u << 20;  // of one SELECT; more is kTooLarge

struct QueryOptions {
  // Name and value of each `{name:Type}` in the statement. Values are text as ClickHouse writes that type: numbers in
  // decimal, String as it is (any bytes), DateTime as Unix seconds. Lists: see `array_parameter`.
  std::vector<std::pair<std::string, std::string>> parameters;
  // ClickHouse settings of this statement: {"max_threads", "1"}.
  std::vector<std::pair<std::string, std::string>> settings;
  std::chrono::milliseconds timeout = kQueryTimeoutDefault;
};

// The text of an `{name:Array(String)}` or `{name:Array(UInt64)}` parameter.
std::string array_parameter(const std::vector<std::string>& values);
std::string array_parameter(const std::vector<uint64_t>& values);

// One block for one table. `columns` in the order in which `native` (ClickHouse's Native format, one block) has them.
struct InsertBlock {
  std::string table;
  std::vector<std::string> columns;
  std::string native;
  // Inserting a second block of the same token into the same table is a no-op. Empty: no deduplication.
  std::string token;
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual base::Result<Rows> select(std::string_view sql, const QueryOptions& options = {}) = 0;
  // Statements without an answer: CREATE, ALTER, SYSTEM, OPTIMIZE.
  virtual base::Status execute(std::string_view sql, const QueryOptions& options = {}) = 0;
  // Returns when the block is part of the table (not necessarily fsynced) or was there already.
  virtual base::Status insert(const InsertBlock& block, std::chrono::milliseconds timeout = kQueryTimeoutDefault) = 0;
};

}  // namespace godseye::store
