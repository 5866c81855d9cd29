#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// The embedded ClickHouse engine, `libchdb.so`, behind types of ours. It ships no header: the C functions that we use
// are declared in engine_library.cpp, and its handles do not leave that file.
//
// `EngineLibrary` is the loaded shared object; it is never unloaded (the engine's threads live on). `EngineConnection`
// runs one statement at a time; open several to run several. Every connection must be closed before the process ends,
// else the engine hangs in its destructors. Threads: one thread at a time per connection; open and close from any.
namespace godseye::engine {

struct Answer {
  std::string bytes;
  uint64_t rows_read = 0;
  uint64_t bytes_read = 0;
  double elapsed_s = 0;
};

// A statement that the engine refused: `code` is ClickHouse's number (0 when its message names none).
struct EngineFailure {
  int code = 0;
  std::string message;  // "Code: 60. DB::Exception: …"
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The number in "Code: 60. DB::Exception: …"; 0 when there is none.
int exception_code(std::string_view message);

class EngineConnection {
 public:
  ~EngineConnection();
  EngineConnection(const EngineConnection&) = delete;
  EngineConnection& operator=(const EngineConnection&) = delete;

  // `format` is used when the statement names none. Values of `parameters` are in ClickHouse's escaped (TSV) text.
  // Returns true and fills `answer`, or false and fills `failure`. Blocks until the statement ends.
  bool query(std::string_view sql, std::string_view format, const Parameters& parameters, Answer& answer,
             EngineFailure& failure);

 private:
  friend class EngineLibrary;
  EngineConnection(const struct EngineFunctions& functions, void** handle) : functions_(functions), handle_(handle) {}
  const struct EngineFunctions& functions_;
  void** handle_;
};

class EngineLibrary {
 public:
  // kNotFound names the path; kInvalidArgument the function that is missing: another version.
  static base::Result<std::shared_ptr<EngineLibrary>> load(const std::string& path);
  // The first that exists of: `flag`, `environment` (GODSEYE_ENGINE), `<program directory>/../lib/libchdb.so`,
  // `<home>/.cache/godseye/engine/libchdb.so`. A path given by flag or environment is final. kNotFound lists the
  // places.
  static base::Result<std::string> find(const std::string& flag, const std::string& environment,
                                        const std::string& program_directory, const std::string& home);
  ~EngineLibrary();

  // `arguments` as for clickhouse-local, without the program's name. kIo when the engine refuses: it says why on
  // standard error.
  base::Result<std::unique_ptr<EngineConnection>> connect(const std::vector<std::string>& arguments);

 private:
  EngineLibrary();
  std::unique_ptr<struct EngineFunctions> functions_;
};

}  // namespace godseye::engine
