#include "user_command.h"

#include "data_lock.h"

#include <iostream>

#include <godseye/net/http_client.h>
#include <godseye/net/uri.h>
#include <godseye/registry/passwords.h>
#include <godseye/registry/registry.h>
#include <godseye/registry/users.h>

#include <boost/json.hpp>
#include <sys/stat.h>

namespace godseye::app {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kTimeout{15};

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 400)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

// The texts of {"errors":["…"]} or of JSON:API.
std::string error_text(std::string_view body) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  const json::value* errors = failed || !value.is_object() ? nullptr : value.as_object().if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return printable(body);
  std::string out;
  for (const json::value& error : errors->as_array()) {
    const json::value* detail = error.is_object() ? error.as_object().if_contains("detail") : &error;
    if (detail == nullptr || !detail->is_string()) continue;
    out += (out.empty() ? "" : ": ") + printable(std::string_view(detail->as_string()));
  }
  return out;
}

// The answer; nothing, and why on `errors`.
std::optional<json::value> ask(const ControlTarget& target, std::string method, const std::string& path,
                               const json::object& body, int& code, std::ostream& errors) {
  net::HttpCall call{.method = std::move(method), .url = target.server};
  while (call.url.ends_with('/')) call.url.pop_back();
  call.url += path;
  if (!target.api_key.empty()) call.headers.add("DD-API-KEY", target.api_key);
  if (!target.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", target.app_key);
  const std::string text = json::serialize(body);
  if (call.method != "GET") {
    call.headers.add("Content-Type", "application/json");
    call.body = text;
  }
  call.timeout = kTimeout;
  net::HttpClient client;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye user: " << target.server << ": " << reply.error().message()
           << " (is the server up? --server names another)\n";
    code = 2;
    return std::nullopt;
  }
  if (reply->status >= 300) {
    errors << "godseye user: " << error_text(reply->body);
    if (reply->status == 401 || reply->status == 403) {
      errors << " (DD_API_KEY and DD_APP_KEY of an admin, or --api-key and --app-key)";
    }
    errors << "\n";
    code = 1;
    return std::nullopt;
  }
  boost::system::error_code failed;
  json::value value = json::parse(reply->body, failed);
  if (failed || !value.is_object()) {
    errors << "godseye user: the answer of " << target.server << " is not Godseye's\n";
    code = 1;
    return std::nullopt;
  }
  code = 0;
  return value;
}

std::string text_at(const json::value& value, std::string_view pointer) {
  boost::system::error_code none;
  const json::value* found = value.find_pointer(pointer, none);
  return found != nullptr && found->is_string() ? printable(std::string_view(found->as_string())) : std::string();
}

void list(const json::value& answer, std::ostream& out) {
  boost::system::error_code none;
  const json::value* data = answer.find_pointer("/data", none);
  if (data == nullptr || !data->is_array()) return;
  const auto cell = [](std::string text, size_t width) {
    text.resize(std::max(width, text.size() + 1), ' ');
    return text;
  };
  out << cell("NAME", 32) << cell("ROLE", 12) << cell("STATE", 10) << "LAST SIGNED IN\n";
  for (const json::value& user : data->as_array()) {
    const std::string id = text_at(user, "/relationships/roles/data/0/id");
    const size_t role = id.empty() ? 0 : static_cast<size_t>(id.back() - '0');
    const std::string last = text_at(user, "/attributes/last_login_time");
    out << cell(text_at(user, "/attributes/handle"), 32)
        << cell(role >= 1 && role <= 4 ? std::string(registry::role_name(static_cast<registry::Role>(role))) : "?", 12)
        << cell(text_at(user, "/attributes/status"), 10) << (last.empty() ? "never" : last) << "\n";
  }
}

}  // namespace

int run_user(const ControlTarget& target, std::string_view action, const UserOptions& options, std::ostream& out,
             std::ostream& errors) {
  int code = 0;
  if (action == "list") {
    const auto answer = ask(target, "GET", "/api/v2/users?page[size]=1000", {}, code, errors);
    if (!answer) return code;
    if (target.json) {
      out << json::serialize(*answer) << "\n";
    } else {
      list(*answer, out);
    }
    return code;
  }
  const std::string users = "/api/godseye/v1/access/users";
  const std::string one = users + "/" + net::percent_encode(options.handle);
  json::object body;
  if (!options.password.empty()) body["password"] = options.password;
  std::optional<json::value> answer;
  if (action == "add") {
    body["handle"] = options.handle;
    body["name"] = options.name;
    body["role"] = options.role;
    answer = ask(target, "POST", users, body, code, errors);
  } else if (action == "password") {
    answer = ask(target, "POST", one + "/password", body, code, errors);
  } else if (action == "role") {
    answer = ask(target, "PATCH", one, {{"role", options.role}}, code, errors);
  } else {
    answer = ask(target, "PATCH", one, {{"disabled", action == "disable"}}, code, errors);
  }
  if (!answer) return code;
  if (target.json) {
    out << json::serialize(*answer) << "\n";
    return code;
  }
  out << text_at(*answer, "/handle") << " is " << text_at(*answer, "/role");
  boost::system::error_code none;
  const json::value* disabled = answer->find_pointer("/disabled", none);
  out << (disabled != nullptr && disabled->is_bool() && disabled->as_bool() ? ", disabled" : "") << "\n";
  if (const std::string password = text_at(*answer, "/password"); !password.empty()) {
    out << "password=" << password << "\n";
  }
  return code;
}

int add_first_user(const UserOptions& options, const base::Clock& clock, std::ostream& out, std::ostream& errors) {
  const auto failed = [&](const base::Error& error, int code) {
    errors << "godseye user: " << error.message() << "\n";
    return code;
  };
  const auto role = registry::role_named(options.role);
  if (!role) {
    errors << "godseye user: --role: expected viewer, responder, editor or admin\n";
    return 2;
  }
  base::Result<DataLock> lock = DataLock::take(options.data_dir);
  if (!lock) return failed(lock.error(), 2);
  auto registry = registry::Registry::open({.path = options.data_dir + "/registry.sqlite"});
  if (!registry) return failed(registry.error(), 2);
  const bool made = options.password.empty();
  const std::string password = made ? registry::random_password() : options.password;
  if (base::Status good = registry::check_password(options.handle, password); !good) return failed(good.error(), 1);
  base::Result<std::string> hash = registry::hash_password(password);
  if (!hash) return failed(hash.error(), 1);
  base::Status done = (*registry)->write([&](registry::WriteSession& session) -> base::Status {
    auto users = registry::list_users(session);
    if (!users) return std::move(users).error();
    if (!users->empty()) {
      return base::Error(base::ErrorCode::kAlreadyExists,
                         options.data_dir + " has users already: start the server and ask it, without --data-dir");
    }
    registry::UserRow row{.handle = options.handle,
                          .name = options.name,
                          .role = *role,
                          .password_hash = *hash,
                          .created_s = base::unix_seconds(clock.wall())};
    return registry::create_user(session, row);
  });
  if (!done) return failed(done.error(), 1);
  out << options.handle << " is " << registry::role_name(*role) << "\n";
  if (made) out << "password=" << password << "\n";
  return 0;
}

void UserFlags::add_to(CLI::App& program) {
  user_ = program.add_subcommand("user", "People who may sign in to the pages, and as what");
  user_->require_subcommand(1);
  const auto command = [&](const std::string& name, const std::string& what) {
    CLI::App* added = user_->add_subcommand(name, what);
    added->add_option("--server", target_.server, "address of the server (http://127.0.0.1:8080)");
    added->add_option("--api-key", target_.api_key, "API key; environment DD_API_KEY");
    added->add_option("--app-key", target_.app_key, "application key of an admin; environment DD_APP_KEY");
    added->add_flag("--json", target_.json, "the server's answer as it is");
    return added;
  };
  CLI::App* add = command("add", "Add somebody; prints the password unless one is given");
  add->add_option("name", options_.handle, "to sign in with: letters, digits and ._@+-")->required();
  add->add_option("--role", options_.role, "viewer, responder, editor or admin (viewer)");
  add->add_option("--full-name", options_.name, "as others see it");
  add->add_option("--data-dir", options_.data_dir, "the first user of a server that is down")->type_name("DIR");
  command("list", "Who there is");
  CLI::App* role = command("role", "Change what somebody may do");
  role->add_option("name", options_.handle, "who")->required();
  role->add_option("role", options_.role, "viewer, responder, editor or admin")->required();
  CLI::App* password =
      command("password", "Set a new password, made and printed unless one is given; ends all sessions");
  for (CLI::App* one : {add, password}) {
    one->add_flag("--password-stdin", options_.password_from_input, "read the password from standard input");
  }
  password->add_option("name", options_.handle, "whose")->required();
  command("disable", "Keep somebody from signing in; their keys stop working")
      ->add_option("name", options_.handle, "who")
      ->required();
  command("enable", "Let somebody in again")->add_option("name", options_.handle, "who")->required();
  user_->footer(
      "A password is no argument: those are seen by everybody on the machine.\n\n"
      "Examples:\n"
      "  godseye user add ana --role admin\n"
      "  godseye user add ana --role admin --data-dir /srv/godseye     before the first start\n"
      "  godseye user add bo@example.com --role responder --password-stdin < password.txt\n"
      "  godseye user list\n"
      "  godseye user role bo@example.com editor");
}

int UserFlags::run(const Environment& environment, const base::Clock& clock) {
  if (target_.api_key.empty()) target_.api_key = environment("DD_API_KEY").value_or("");
  if (target_.app_key.empty()) target_.app_key = environment("DD_APP_KEY").value_or("");
  const std::string action = user_->get_subcommands().front()->get_name();
  if (options_.password_from_input) {
    std::getline(std::cin, options_.password);
    while (options_.password.ends_with('\r')) options_.password.pop_back();
    if (options_.password.empty()) {
      std::cerr << "godseye user: standard input holds no password\n";
      return 2;
    }
  }
  if (action == "add" && !options_.data_dir.empty()) {
    umask(077);
    return add_first_user(options_, clock, std::cout, std::cerr);
  }
  return run_user(target_, action, options_, std::cout, std::cerr);
}

}  // namespace godseye::app
