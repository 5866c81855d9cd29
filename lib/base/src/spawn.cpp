#include <csignal>

#include <godseye/base/spawn.h>

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

extern char** environ;

namespace godseye::base {
namespace {

struct FileActions {
  posix_spawn_file_actions_t value;
  explicit FileActions(const ChildStreams& streams) {
    posix_spawn_file_actions_init(&value);
    if (streams.input >= 0) {
      posix_spawn_file_actions_adddup2(&value, streams.input, STDIN_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    if (streams.error >= 0) posix_spawn_file_actions_adddup2(&value, streams.error, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&value, streams.output >= 0 ? streams.output : STDERR_FILENO, STDOUT_FILENO);
    if (streams.silent) posix_spawn_file_actions_addopen(&value, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&value, 3);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&value); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
};

struct DefaultSignals {
  posix_spawnattr_t value;
  DefaultSignals() {
    posix_spawnattr_init(&value);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~DefaultSignals() { posix_spawnattr_destroy(&value); }
  DefaultSignals(const DefaultSignals&) = delete;
  DefaultSignals& operator=(const DefaultSignals&) = delete;
};

}  // namespace

Result<pid_t> spawn(const std::vector<std::string>& arguments, const ChildStreams& streams) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char* nothing[] = {nullptr};
  const FileActions actions(streams);
  const DefaultSignals attributes;
  pid_t id = -1;
  const int failed = ::posix_spawn(&id, argv[0], &actions.value, &attributes.value, argv.data(),
                                   streams.environment ? environ : nothing);
  if (failed == ENOENT) return Error(ErrorCode::kNotFound, arguments[0] + " is not there");
  if (failed != 0) return errno_error("starting " + arguments[0], failed);
  return id;
}

}  // namespace godseye::base
