// `godseye`: the composition root. Reads what the user said, starts what was asked for, prints one clear line and exits
// with 2 for what it cannot start with.
#include "backup.h"
#include "control_flags.h"
#include "delete_command.h"
#include "doctor.h"
#include "doctor_ingest.h"
#include "embedded_pages.h"
#include "guard_flags.h"
#include "import_flags.h"
#include "lone_gateway.h"
#include "monitor_command.h"
#include "query_command.h"
#include "server.h"
#include "service_notify.h"
#include "settings.h"
#include "user_command.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>

#include <godseye/base/log.h>
#include <godseye/net/tls.h>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

namespace {

using namespace godseye;

constexpr int kCannotStart = 2;

constexpr const char* kExamples = R"(
Examples:
  godseye serve                                       everything on loopback, data in ./data
  godseye serve --data-dir /srv/godseye --http 0.0.0.0:8080
  godseye serve --http 127.0.0.1:0 --dogstatsd 127.0.0.1:0 --anonymous-loopback
  godseye serve --config godseye.yaml                 names in the file are those of the flags: `http: 127.0.0.1:8080`
  GODSEYE_DATA_DIR=/srv/godseye godseye serve         the same names again
  godseye serve --gateway 127.0.0.1:8081 --provider openai=https://api.openai.com    guard language model calls
  godseye query 'avg:system.load.1{*} by {host}' --from -4h    ask a running server
  godseye monitor try monitor.json --from -1d         when a monitor would have fired
  godseye doctor                                      what is missing, and a running server's health
  godseye doctor --ingest                             what became of the spans that clients sent
  godseye import-history orders.csv                   points of the past, for monitors that need days
  godseye delete --session s-17                       erase a session's (or --user) data, in every table
  godseye block session s-17 --for 1h                 keep a session out of every gateway; unblock, blocks, audit
  godseye user add ana --role admin                   somebody who may sign in to the pages; list, role, password
  godseye backup --name before-upgrade                all that a running server holds, into one directory
  godseye restore data/backups/before-upgrade --data-dir /srv/godseye-new
  godseye guard score "Ignore all previous rules"     how much a text looks like an attack, and why
)";

int fail(std::string_view message) {
  std::cerr << "godseye: " << message << std::endl;
  return kCannotStart;
}

// One flag for each setting. What was given is a layer above the environment and the configuration file.
struct SettingFlags {
  std::map<std::string, std::string> texts;
  std::map<std::string, CLI::Option*> options;
  std::string config_file;

  void add_to(CLI::App& command) {
    for (const app::SettingDeclaration& setting : app::setting_declarations()) {
      const std::string name(setting.name);
      CLI::Option* option = command.add_option(setting.flag(), texts[name], setting.description());
      option->type_name(std::string(setting.value_name));
      if (setting.value_name.empty()) option->expected(0, 1);
      if (setting.list) option->multi_option_policy(CLI::MultiOptionPolicy::Join)->delimiter(',');
      options[name] = option;
    }
    command.add_option("--config", config_file, "YAML file with any of these names as keys")->type_name("FILE");
  }

  base::Result<app::Settings> resolve(const app::Environment& environment) const {
    app::GivenValues flags;
    for (const auto& [name, option] : options) {
      if (option->count() == 0) continue;
      const std::string& text = texts.at(name);
      // A switch without a value means yes.
      const bool bare = option->get_expected_min() == 0 && text.empty();
      flags[name] = {bare ? "true" : text, "--" + name};
    }
    app::GivenValues file;
    std::string path = config_file;
    if (path.empty()) path = environment("GODSEYE_CONFIG").value_or("");
    if (!path.empty()) {
      base::Result<app::GivenValues> read = app::read_config_file(path);
      if (!read) return std::move(read).error();
      file = *std::move(read);
    }
    const app::GivenValues surroundings = app::read_environment(environment);
    base::Result<app::Settings> settings = app::resolve_settings({&file, &surroundings, &flags});
    if (settings) {
      app::read_provider_keys(environment, *settings);
      app::read_secrets(environment, *settings);
    }
    return settings;
  }
};

// Every connection and every part of the engine's files needs a descriptor; the usual soft limit of 1024 is history.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65536);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Started, announced, and stopped by a signal.
template <typename Program>
int live(const app::Settings& settings, Program&& start) {
  base::init_log("godseye", settings.log_level);
  raise_descriptor_limit();
  umask(077);  // prompts and keys: what we write is for our user alone
  // Blocked in every thread made from here on; this one waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto running = start();
  if (!running) return fail(running.error().message());
  if constexpr (requires { (*running)->first_keys(); }) {
    if (!(*running)->first_keys().empty()) std::cout << (*running)->first_keys() << std::endl;
  }
  std::cout << "listening " << (*running)->listeners() << std::endl;
  const app::ServiceNotify manager(settings.notify_socket, settings.notify_watchdog);
  if (base::Status told = manager.ready("listening " + (*running)->listeners()); !told) {
    spdlog::warn("{}", told.error().message());
  }

  int signal_number = 0;
  // Hanging up asks for the certificates anew; everything else ends the program.
  for (sigwait(&signals, &signal_number); signal_number == SIGHUP; sigwait(&signals, &signal_number)) {
    spdlog::info("reading the TLS certificates again (signal {})", signal_number);
    net::reload_tls_certificates();
  }
  spdlog::info("stopping (signal {})", signal_number);
  (void)manager.stopping();
  // A second signal must end a stop that hangs.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*running)->stop();
  running->reset();
  spdlog::info("stopped");
  return 0;
}

int serve(const app::Settings& settings) {
  return live(settings, [&] { return app::Server::start(settings, base::system_clock(), app::embedded_pages()); });
}

int lone_gateway(const app::Settings& settings) {
  return live(settings, [&] { return app::LoneGateway::start(settings, base::system_clock()); });
}

int restore(const app::Settings& settings, const std::string& from) {
  base::init_log("godseye", "warn");
  raise_descriptor_limit();
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  const base::Status restored = app::restore_backup(settings, from, base::system_clock(), std::cout);
  return restored ? 0 : fail(restored.error().message());
}

int doctor(const app::Settings& settings, const app::Environment& environment, bool json, bool ingest) {
  const app::IngestQuestion keys{environment("DD_API_KEY").value_or(""), environment("DD_APP_KEY").value_or("")};
  const std::vector<app::Finding> findings =
      ingest ? app::examine_ingestion(settings, keys) : app::examine(settings, environment);
  std::cout << (json ? app::findings_json(findings) : app::findings_text(findings)) << std::flush;
  return app::any_problem(findings) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("Godseye: a self-hosted reliability control plane for LLM applications.");
  program.set_version_flag("--version", "godseye " GE_VERSION);
  program.footer(kExamples);
  program.require_subcommand(1);

  CLI::App* serve_command = program.add_subcommand("serve", "Run the server: intake, store, monitors, API and pages");
  SettingFlags serve_flags;
  serve_flags.add_to(*serve_command);
  serve_command->footer(
      "Each flag is also an environment variable (--data-dir: GODSEYE_DATA_DIR) and a key of the "
      "configuration file.\nA flag beats the environment, which beats the file.");

  CLI::App* gateway_command =
      program.add_subcommand("gateway", "Run the gateway alone; --upstream names the server it belongs to");
  SettingFlags gateway_flags;
  gateway_flags.add_to(*gateway_command);
  gateway_command->footer(
      "Takes the settings of serve; those of store and intake have no effect. With the upstream server gone it keeps\n"
      "serving by what it knew last and spools spans in <data-dir>/gateway.\n\n"
      "Examples:\n"
      "  godseye gateway --provider openai=https://api.openai.com --upstream http://192.0.2.5:8080\n"
      "  godseye gateway --gateway 0.0.0.0:8081 --provider ollama=http://127.0.0.1:11434 --spool-max 4GiB");

  CLI::App* doctor_command =
      program.add_subcommand("doctor", "Say what is missing or wrong; takes the settings of serve");
  SettingFlags doctor_flags;
  doctor_flags.add_to(*doctor_command);
  bool json = false;
  doctor_command->add_flag("--json", json, "machine-readable");
  bool ingest = false;
  doctor_command->add_flag("--ingest", ingest,
                           "what became of what clients sent to the running server (DD_API_KEY, DD_APP_KEY)");

  CLI::App* query_command = program.add_subcommand("query", "Ask a running server a metric query");
  app::QueryCommand query;
  query_command->add_option("query", query.text, "Datadog metric query, in quotes")->required();
  query_command->add_option("--from", query.from, "Unix seconds, or back from now: -15m, -1h, -1d, -1w (-1h)");
  query_command->add_option("--to", query.to, "as --from, or now (now)");
  query_command->add_option("--server", query.server, "address of the server (http://127.0.0.1:8080)");
  query_command->add_option("--api-key", query.api_key, "API key; environment DD_API_KEY");
  query_command->add_option("--app-key", query.app_key, "application key; environment DD_APP_KEY");
  query_command->add_flag("--json", query.json, "the server's answer as it is");

  CLI::App* monitor_command = program.add_subcommand("monitor", "Monitors of a running server");
  monitor_command->require_subcommand(1);
  CLI::App* try_command =
      monitor_command->add_subcommand("try", "Say when a monitor would have fired over stored history");
  app::TryCommand trial;
  try_command->add_option("file", trial.file, "the monitor as Datadog's JSON; - reads standard input")->required();
  try_command->add_option("--from", trial.from, "Unix seconds, or back from now: -15m, -1h, -1d, -1w (-1d)");
  try_command->add_option("--to", trial.to, "as --from, or now (now)");
  try_command->add_option("--step", trial.step_s, "seconds between evaluations, a multiple of 10 (10)");
  try_command->add_option("--server", trial.server, "address of the server (http://127.0.0.1:8080)");
  try_command->add_option("--api-key", trial.api_key, "API key; environment DD_API_KEY");
  try_command->add_option("--app-key", trial.app_key, "application key; environment DD_APP_KEY");
  try_command->add_flag("--json", trial.json, "the server's answers as they are, one a line");

  CLI::App* delete_command = program.add_subcommand("delete", "Erase the data of a session or a user, in every table");
  app::DeleteCommand deletion;
  delete_command->add_option("--session", deletion.session, "id of the session");
  delete_command->add_option("--user", deletion.user, "id of the user");
  delete_command->add_option("--server", deletion.server, "address of the server (http://127.0.0.1:8080)");
  delete_command->add_option("--api-key", deletion.api_key, "API key; environment DD_API_KEY");
  delete_command->add_option("--app-key", deletion.app_key, "application key; environment DD_APP_KEY");
  delete_command->add_flag("--json", deletion.json, "the server's answer as it is");

  CLI::App* backup_command =
      program.add_subcommand("backup", "Write everything a running server holds into a directory");
  app::BackupCommand backup;
  backup_command->add_option("--name", backup.name, "name of the directory under the server's backup-dir (the time)");
  backup_command->add_option("--server", backup.server, "address of the server (http://127.0.0.1:8080)");
  backup_command->add_option("--api-key", backup.api_key, "API key; environment DD_API_KEY");
  backup_command->add_option("--app-key", backup.app_key, "application key; environment DD_APP_KEY");
  backup_command->add_flag("--json", backup.json, "the server's answer as it is");

  CLI::App* restore_command =
      program.add_subcommand("restore", "Make a new data directory from a backup; takes the settings of serve");
  std::string restore_from;
  restore_command->add_option("from", restore_from, "directory of the backup")->required();
  SettingFlags restore_flags;
  restore_flags.add_to(*restore_command);

  app::GuardFlags guard;
  guard.add_to(program);
  app::ControlFlags control;
  control.add_to(program);
  app::UserFlags user;
  user.add_to(program);
  app::ImportFlags history;
  history.add_to(program);

  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return program.exit(success);
  } catch (const CLI::ExtrasError& wrong) {
    for (const std::string& extra : program.remaining(true)) {
      if (!extra.starts_with("--")) continue;
      const std::string near = app::nearest_setting(extra.substr(2, extra.find('=') - 2));
      return fail("unknown flag " + extra +
                  (near.empty() ? " (see godseye --help)" : ", did you mean --" + near + "?"));
    }
    return fail(std::string(wrong.what()) + " (see godseye --help)");
  } catch (const CLI::RequiredError& wrong) {
    // CLI11 misses the command before it looks at what stands in its place.
    const std::vector<std::string> extras =
        program.get_subcommands().empty() ? program.remaining() : std::vector<std::string>{};
    const std::string what = extras.empty() ? wrong.what() : "unknown command '" + extras.front() + "'";
    return fail(what + " (see godseye --help)");
  } catch (const CLI::ParseError& wrong) {
    return fail(std::string(wrong.what()) + " (see godseye --help)");
  }

  if (guard.parsed()) return guard.run();
  const app::Environment environment = app::process_environment();
  if (control.parsed()) return control.run(environment, base::system_clock());
  if (user.parsed()) return user.run(environment, base::system_clock());
  if (history.parsed()) return history.run(environment);
  if (query_command->parsed()) {
    if (query.api_key.empty()) query.api_key = environment("DD_API_KEY").value_or("");
    if (query.app_key.empty()) query.app_key = environment("DD_APP_KEY").value_or("");
    return app::run_query(query, base::system_clock(), std::cout, std::cerr);
  }
  if (try_command->parsed()) {
    if (trial.api_key.empty()) trial.api_key = environment("DD_API_KEY").value_or("");
    if (trial.app_key.empty()) trial.app_key = environment("DD_APP_KEY").value_or("");
    return app::run_try(trial, base::system_clock(), std::cin, std::cout, std::cerr);
  }
  if (delete_command->parsed()) {
    if (deletion.api_key.empty()) deletion.api_key = environment("DD_API_KEY").value_or("");
    if (deletion.app_key.empty()) deletion.app_key = environment("DD_APP_KEY").value_or("");
    return app::run_delete(deletion, std::cout, std::cerr);
  }
  if (backup_command->parsed()) {
    if (backup.api_key.empty()) backup.api_key = environment("DD_API_KEY").value_or("");
    if (backup.app_key.empty()) backup.app_key = environment("DD_APP_KEY").value_or("");
    return app::run_backup(backup, std::cout, std::cerr);
  }
  if (restore_command->parsed()) {
    const base::Result<app::Settings> settings = restore_flags.resolve(environment);
    return settings ? restore(*settings, restore_from) : fail(settings.error().message());
  }
  const SettingFlags& flags = serve_command->parsed()     ? serve_flags
                              : gateway_command->parsed() ? gateway_flags
                                                          : doctor_flags;
  base::Result<app::Settings> settings = flags.resolve(environment);
  if (!settings) return fail(settings.error().message());
  if (gateway_command->parsed()) return lone_gateway(*settings);
  return serve_command->parsed() ? serve(*settings) : doctor(*settings, environment, json, ingest);
}
