// vcommerce: the services of the shop, one process each, and their supervisor. docs/shop.md.
#include "addresses.h"
#include "fault_command.h"
#include "reviews_command.h"
#include "serve.h"
#include "services.h"
#include "supervisor.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <godseye/base/log.h>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace vcommerce {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  vcommerce all\n"
    "  vcommerce all --base-port 0 --json\n"
    "  vcommerce currencyservice --listen 127.0.0.1:0\n"
    "  VCOMMERCE_FAULT_KEY=secret vcommerce all\n"
    "  VCOMMERCE_FAULT_KEY=secret vcommerce fault currencyservice latency_ms 250 --for 60s\n"
    "  vcommerce reviews list --held --data-dir data/shop\n"
    "  DD_AGENT_HOST=192.0.2.7 DD_ENV=prod vcommerce all\n"
    "Each setting has a variable: --rates-file is VCOMMERCE_RATES_FILE. DD_SERVICE, DD_ENV, DD_VERSION, DD_AGENT_HOST\n"
    "and the others that docs/sdk.md lists say where metrics and traces go.\n";

int fail(const std::string& text) {
  std::fprintf(stderr, "vcommerce: %s\n", text.c_str());
  return kExitWrongSettings;
}

// Flags of all commands, and what the command line said.
struct CommandLine {
  std::vector<std::string> addresses;
  std::string fault_key;
  bool json = false;

  std::string listen = "127.0.0.1:0";
  std::string listen_also;
  bool shared_port = false;
  bool supervised = false;
  // By service and name: CLI11 reads the variables of every subcommand, also of those that are not asked for.
  std::map<std::string_view, std::map<std::string, std::string>> settings;

  std::string services;
  uint16_t base_port = kBasePort;
  std::string log;
  LogFile::Limits log_limits;

  FaultCommand fault;
  std::string fault_service;
  std::string fault_for = "60s";

  ReviewsCommand reviews;
};

void add_common(CLI::App& command, CommandLine& line) {
  command
      .add_option("--address", line.addresses, "SERVICE=HOST:PORT of another service; several, or joined with commas")
      ->allow_extra_args(false)
      ->envname("VCOMMERCE_ADDRESSES");
  command.add_option("--fault-key", line.fault_key, "What a caller must know to set fault switches; empty: nobody can")
      ->envname("VCOMMERCE_FAULT_KEY");
}

std::string switches_text(const runtime::ServiceInfo& info) {
  std::string text = "Fault switches:\n";
  const auto add = [&text](const runtime::FaultInfo& fault) {
    std::string name = "  " + std::string(fault.name);
    name.resize(std::max<size_t>(name.size() + 1, 30), ' ');
    text += name + std::string(fault.what) + "\n";
  };
  for (const runtime::FaultInfo& fault : info.faults) add(fault);
  for (const runtime::FaultInfo& fault : runtime::common_faults()) add(fault);
  return text;
}

void add_service(CLI::App& app, const runtime::ServiceInfo& info, CommandLine& line) {
  CLI::App* command = app.add_subcommand(std::string(info.name), std::string(info.what));
  command->add_option("--listen", line.listen, "Address and port; port 0 takes a free one")
      ->envname("VCOMMERCE_LISTEN")
      ->capture_default_str();
  command->add_option("--listen-also", line.listen_also, "A second address, on a Unix socket")->group("");
  command->add_flag("--shared-port", line.shared_port, "Another socket may hold the same port")->group("");
  command->add_flag("--supervised", line.supervised, "End with the parent")->group("");
  add_common(*command, line);
  for (const runtime::SettingInfo& setting : info.settings) {
    const std::string name(setting.name);
    command
        ->add_option_function<std::string>(
            "--" + name,
            [&settings = line.settings[info.name], name](const std::string& value) { settings[name] = value; },
            std::string(setting.what) + " (default " +
                (setting.fallback.empty() ? "none" : std::string(setting.fallback)) + ")")
        ->envname(runtime::variable_name(setting.name));
  }
  command->footer(switches_text(info));
}

void add_all(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("all", "Every service, one process each; starts again what dies");
  add_common(*command, line);
  command->add_option("--services", line.services, "Only these, joined with commas");
  command->add_option("--base-port", line.base_port, "Ports are this and a service's own number; 0: free ones")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  command->add_flag("--json", line.json, "Events as JSON, one object a line");
  command->add_option("--log", line.log, "File for what the services log; none: standard error")
      ->envname("VCOMMERCE_LOG");
  command->add_option("--log-bytes-max", line.log_limits.bytes_max, "A full file becomes FILE.1, FILE.1 FILE.2, …")
      ->envname("VCOMMERCE_LOG_BYTES_MAX")
      ->check(CLI::Range(uint64_t{4096}, uint64_t{1} << 40))
      ->capture_default_str();
  command->add_option("--log-files-max", line.log_limits.files_max, "So many files in all; older ones are removed")
      ->envname("VCOMMERCE_LOG_FILES_MAX")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->footer("Settings of the services are read from their variables (see `vcommerce SERVICE --help`).");
}

void add_fault(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("fault", "Sets, clears or lists the fault switches of a running service");
  add_common(*command, line);
  command->add_option("service", line.fault_service, "Name of the service")->required();
  command->add_option("name", line.fault.name, "Name of the switch; without one they are listed");
  command->add_option("value", line.fault.value, "0 to the switch's maximum; 0 switches it off");
  command->add_option("--for", line.fault_for, "How long: 60s, 5m, at most 1h")->capture_default_str();
  command->add_flag("--clear", line.fault.clear, "Switch NAME off, or all of them without a name");
  command->add_flag("--json", line.fault.json, "One JSON object a line");
}

void add_reviews(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand("reviews", "Lists, removes or releases what customers wrote about products");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    CLI::App* one = command->add_subcommand(name, what);
    one->add_option("--data-dir", line.reviews.data_dir, "The frontend's folder")
        ->envname("VCOMMERCE_DATA_DIR")
        ->required();
    one->callback([&line, name] { line.reviews.what = name; });
    return one;
  };
  CLI::App* list = add("list", "Prints them, those that wait first, the newest first");
  list->add_flag("--held", line.reviews.held, "Only those that wait");
  list->add_option("--product", line.reviews.product, "Only of this product");
  list->add_option("--max", line.reviews.max, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  list->add_flag("--json", line.reviews.json, "One JSON object a line");
  for (CLI::App* one : {add("remove", "Nobody sees them any more"), add("release", "Everybody sees them")}) {
    one->add_option("id", line.reviews.ids, "As `list` prints it: HOM-LMP-0001/3f2a9c0d1e4b")->required();
  }
}

base::Result<sdk::Settings> sdk_settings(const std::string& service) {
  auto settings = sdk::settings_from([](const char* name) { return std::getenv(name); });
  if (!settings) return settings;
  if (std::getenv("DD_SERVICE") == nullptr) settings->service = service;
  if (settings->version.empty()) settings->version = GE_VERSION;
  settings->metrics_attributed = true;
  // Ten of them share a machine: fewer and larger packets. Datadog's own tracers send every two seconds as well.
  settings->metric_interval = std::chrono::milliseconds(1'000);
  settings->trace_interval = std::chrono::milliseconds(2'000);
  return settings;
}

int run_service(const runtime::ServiceInfo& info, CommandLine& line) {
  // gRPC itself takes a port of 99999 for 34463.
  if (!is_host_and_port(line.listen, 0)) return fail("--listen: " + base::quoted(line.listen) + " is not HOST:PORT");
  auto addresses = addresses_from(line.addresses);
  if (!addresses) return fail(addresses.error().message());
  auto sdk = sdk_settings(std::string(info.name));
  if (!sdk) return fail(sdk.error().message());
  ServeOptions options{
      .settings = std::move(line.settings[info.name]), .sdk = *std::move(sdk), .supervised = line.supervised};
  options.host = {.listen = line.listen,
                  .listen_also = line.listen_also,
                  .shared_port = line.shared_port,
                  .addresses = *std::move(addresses)};
  options.host.fault_key = line.fault_key;
  return serve(info, std::move(options));
}

std::vector<std::string> chosen_services(const std::string& given) {
  std::vector<std::string> names;
  if (given.empty()) {
    for (const KnownService& service : known_services()) {
      if (service.with_all) names.emplace_back(service.info.name);
    }
  }
  for (std::string_view rest = given; !rest.empty();) {
    const size_t comma = rest.find(',');
    names.emplace_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return names;
}

// A dead process cannot say that it is: its supervisor does.
void report_down(const std::string& service, const std::string& why) {
  constexpr std::chrono::milliseconds kWait{200};
  auto settings = sdk_settings(service);
  if (!settings) return;
  settings->service = service;
  auto sdk = sdk::Sdk::start(*std::move(settings), -1);
  if (!sdk) return;
  (*sdk)->metrics().service_check(service + ".health", sdk::CheckStatus::kCritical, "the process is down: " + why);
  (*sdk)->flush(kWait);
}

// By its name, so that lists of processes show it; the link itself works even when the file was replaced.
std::string own_path() {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return ::access(path.c_str(), X_OK) == 0 ? path : "/proc/self/exe";
}

int run_all(const CommandLine& line) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&signals, one);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread
  if (const auto sdk = sdk_settings("vcommerce"); !sdk) return fail(sdk.error().message());
  if (const auto addresses = addresses_from(line.addresses); !addresses) return fail(addresses.error().message());
  // Not in arguments, which everybody on the machine can read. Each service has its own name.
  ::setenv("VCOMMERCE_FAULT_KEY", line.fault_key.c_str(), 1);
  ::unsetenv("DD_SERVICE");
  ::unsetenv("VCOMMERCE_LISTEN");
  ::unsetenv("VCOMMERCE_ADDRESSES");
  SupervisorOptions options{.program = own_path(), .services = chosen_services(line.services)};
  for (const std::string& address : line.addresses) {
    options.child_arguments.insert(options.child_arguments.end(), {"--address", address});
  }
  options.base_port = line.base_port;
  options.json = line.json;
  options.log = line.log;
  options.log_limits = line.log_limits;
  options.report_down = report_down;
  auto supervisor = Supervisor::create(std::move(options), base::system_clock());
  if (!supervisor) {
    const int code = fail(supervisor.error().message());
    return supervisor.error().code() == base::ErrorCode::kInvalidArgument ? code : kExitCannotStart;
  }
  return (*supervisor)->run();
}

int run_fault(CommandLine& line) {
  const auto addresses = addresses_from(line.addresses);
  if (!addresses) return fail(addresses.error().message());
  const auto found = addresses->find(line.fault_service);
  if (found == addresses->end()) return fail("no address is known of " + line.fault_service + " (see --address)");
  const auto lasts = parse_duration(line.fault_for);
  if (!lasts) return fail("--for: " + lasts.error().message());
  line.fault.lasts = *lasts;
  line.fault.address = found->second;
  line.fault.key = line.fault_key;
  return run_fault_command(line.fault);
}

}  // namespace
}  // namespace vcommerce

int main(int argc, char** argv) {
  using namespace vcommerce;
  CommandLine line;
  CLI::App app("V-Commerce: the services of a shop that speak gRPC.", "vcommerce");
  app.set_version_flag("--version", GE_VERSION);
  app.require_subcommand(1);
  app.footer(kExamples);
  add_all(app, line);
  add_fault(app, line);
  add_reviews(app, line);
  for (const KnownService& service : known_services()) add_service(app, service.info, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitWrongSettings;
  }
  const std::string command = app.get_subcommands().front()->get_name();
  if (command == "all") return run_all(line);
  if (command == "fault") return run_fault(line);
  if (command == "reviews") return run_reviews_command(line.reviews);
  return run_service(find_service(command)->info, line);
}
