#include "engine_library.h"

#include <charconv>
#include <filesystem>

#include <dlfcn.h>

namespace godseye::engine {

using base::Error;
using base::ErrorCode;

// As exported by libchdb 26.5. A connection is a pointer to an opaque pointer; queries take the inner one.
struct EngineFunctions {
  void** (*connect)(int, char**) = nullptr;
  void (*close)(void**) = nullptr;
  void* (*query)(void*, const char*, size_t, const char*, size_t, const char* const*, const size_t*, const char* const*,
                 const size_t*, size_t) = nullptr;
  char* (*result_buffer)(void*) = nullptr;
  size_t (*result_length)(void*) = nullptr;
  const char* (*result_error)(void*) = nullptr;
  double (*result_elapsed)(void*) = nullptr;
  uint64_t (*result_rows_read)(void*) = nullptr;
  uint64_t (*result_bytes_read)(void*) = nullptr;
  void (*destroy_result)(void*) = nullptr;
};

int exception_code(std::string_view message) {
  constexpr std::string_view kPrefix = "Code: ";
  const size_t at = message.find(kPrefix);
  if (at == std::string_view::npos) return 0;
  const std::string_view digits = message.substr(at + kPrefix.size());
  int code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code);
  return code;
}

EngineConnection::~EngineConnection() { functions_.close(handle_); }

bool EngineConnection::query(std::string_view sql, std::string_view format, const Parameters& parameters,
                             Answer& answer, EngineFailure& failure) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  std::vector<size_t> name_lengths;
  std::vector<size_t> value_lengths;
  for (const auto& [name, value] : parameters) {
    names.push_back(name.data());
    name_lengths.push_back(name.size());
    values.push_back(value.data());
    value_lengths.push_back(value.size());
  }
  void* result = functions_.query(*handle_, sql.data(), sql.size(), format.data(), format.size(), names.data(),
                                  name_lengths.data(), values.data(), value_lengths.data(), parameters.size());
  if (result == nullptr) {
    failure = {0, "Code: 0. DB::Exception: the engine returned no result"};
    return false;
  }
  const char* error = functions_.result_error(result);
  if (error != nullptr) {
    failure.message = error;
    failure.code = exception_code(failure.message);
  } else {
    const size_t length = functions_.result_length(result);
    if (length > 0) answer.bytes.assign(functions_.result_buffer(result), length);
    answer.rows_read = functions_.result_rows_read(result);
    answer.bytes_read = functions_.result_bytes_read(result);
    answer.elapsed_s = functions_.result_elapsed(result);
  }
  functions_.destroy_result(result);
  return error == nullptr;
}

EngineLibrary::EngineLibrary() : functions_(std::make_unique<EngineFunctions>()) {}
EngineLibrary::~EngineLibrary() = default;

base::Result<std::string> EngineLibrary::find(const std::string& flag, const std::string& environment,
                                              const std::string& program_directory, const std::string& home) {
  if (!flag.empty()) return flag;
  if (!environment.empty()) return environment;
  const std::string beside = program_directory + "/../lib/libchdb.so";
  const std::string cached = home + "/.cache/godseye/engine/libchdb.so";
  for (const std::string& path : {beside, cached}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path;
  }
  return Error(ErrorCode::kNotFound, "no libchdb.so: looked at --engine and GODSEYE_ENGINE (not set), " + beside +
                                         " and " + cached + "; ./setup installs it");
}

base::Result<std::shared_ptr<EngineLibrary>> EngineLibrary::load(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error(ErrorCode::kNotFound, std::string("cannot load the engine: ") + ::dlerror());
  }
  std::shared_ptr<EngineLibrary> loaded(new EngineLibrary());
  EngineFunctions& f = *loaded->functions_;
  const auto resolve = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    return function != nullptr;
  };
  const char* missing = nullptr;
  const auto need = [&](const char* name, auto& function) {
    if (!resolve(name, function) && missing == nullptr) missing = name;
  };
  need("chdb_connect", f.connect);
  need("chdb_close_conn", f.close);
  need("chdb_query_with_params_n", f.query);
  need("chdb_result_buffer", f.result_buffer);
  need("chdb_result_length", f.result_length);
  need("chdb_result_error", f.result_error);
  need("chdb_result_elapsed", f.result_elapsed);
  need("chdb_result_rows_read", f.result_rows_read);
  need("chdb_result_bytes_read", f.result_bytes_read);
  need("chdb_destroy_query_result", f.destroy_result);
  if (missing != nullptr) {
    return Error(ErrorCode::kInvalidArgument, path + " has no function " + missing + ": another version of libchdb?");
  }
  return loaded;
}

base::Result<std::unique_ptr<EngineConnection>> EngineLibrary::connect(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"clickhouse"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  void** handle = functions_->connect(static_cast<int>(words.size()), argv.data());
  if (handle == nullptr) return Error(ErrorCode::kIo, "the engine refused to open its data directory");
  return std::unique_ptr<EngineConnection>(new EngineConnection(*functions_, handle));
}

}  // namespace godseye::engine
