#include "control_flags.h"

#include <iostream>

namespace godseye::app {

CLI::App* ControlFlags::command(CLI::App& parent, const std::string& name, const std::string& what) {
  CLI::App* added = parent.add_subcommand(name, what);
  added->add_option("--server", target_.server, "address of the server (http://127.0.0.1:8080)");
  added->add_option("--api-key", target_.api_key, "API key; environment DD_API_KEY");
  added->add_option("--app-key", target_.app_key, "application key; environment DD_APP_KEY");
  added->add_option("--author", target_.author, "who the audit log names; environment USER");
  added->add_flag("--json", target_.json, "the server's answer as it is");
  return added;
}

void ControlFlags::add_block_commands(CLI::App& program) {
  block_ = command(program, "block", "Keep a session, user, address or client key out of every gateway");
  unblock_ = command(program, "unblock", "Lift a block");
  for (CLI::App* one : {block_, unblock_}) {
    one->add_option("kind", blocking_.kind, "session, user, address or key")->required();
    one->add_option("value", blocking_.value, "which: an id, an IP address, a client key or its name (vk_…)")
        ->required();
  }
  block_->add_option("--reason", blocking_.reason, "for whoever looks at it later");
  block_->add_option("--for", blocking_.duration, "how long: 90s, 30m, 1h, 7d, 2w; without: until it is lifted");
  block_->footer(
      "In force on every gateway within a second. Blocking again changes reason and time.\n\n"
      "Examples:\n"
      "  godseye block session mallory-77 --for 1h --reason 'prompt injection, ticket 4711'\n"
      "  godseye block address 203.0.113.9 --for 7d\n"
      "  godseye block key vk_0123456789ab");
  unblock_->footer(
      "Examples:\n"
      "  godseye unblock session mallory-77\n"
      "  godseye unblock user u-9 --author ana");
  blocks_ = command(program, "blocks", "Who is blocked, why, by whom and for how long");
  blocks_->add_option("--kind", blocking_.kind, "only session, user, address or key");
  blocks_->add_flag("--ended", blocking_.ended, "lifted and expired ones as well");
  blocks_->add_option("--limit", blocking_.limit, "newest so many (100)")->check(CLI::Range(1, 1000));
  blocks_->footer(
      "Examples:\n"
      "  godseye blocks\n"
      "  godseye blocks --kind user --ended --json | jq '.blocks[].value'");
  audit_ = command(program, "audit", "Who changed what about gateways, and what gateways decided by themselves");
  audit_->add_option("--action", auditing_.action, "only actions that begin so: block., settings., shadow., message.");
  audit_->add_option("--actor", auditing_.actor, "only by this one");
  audit_->add_option("--target", auditing_.target, "only about this: session:mallory-77");
  audit_->add_flag("--people", auditing_.people, "not what gateways decided by themselves");
  audit_->add_option("--limit", auditing_.limit, "newest so many (100)")->check(CLI::Range(1, 1000));
  audit_->footer(
      "Examples:\n"
      "  godseye audit --people\n"
      "  godseye audit --target session:mallory-77 --json | jq '.entries[].after'");
}

void ControlFlags::add_provider_key(CLI::App& program) {
  provider_key_ = program.add_subcommand("provider-key", "Keys of model providers, stored encrypted, never shown");
  provider_key_->require_subcommand(1);
  CLI::App* add = command(*provider_key_, "add", "Store a key, read from standard input or an environment variable");
  add->add_option("provider", keys_.provider, "name as in --provider NAME=URL")->required();
  add->add_option("--name", keys_.name, "to tell keys apart");
  add->add_option("--from-env", from_environment_, "name of the variable that holds the key")->type_name("NAME");
  add->add_option("--for", keys_.duration, "when it expires: 30d, 12w")->type_name("TIME");
  command(*provider_key_, "list", "Which keys there are");
  for (const char* action : {"disable", "enable", "delete"}) {
    command(*provider_key_, action, std::string("By its id: ") + action)->add_option("id", keys_.id)->required();
  }
  provider_key_->footer(
      "A key is no argument: those are seen by everybody on the machine.\n\n"
      "Examples:\n"
      "  godseye provider-key add openai --name main --from-env OPENAI_API_KEY\n"
      "  godseye provider-key add gemini < key.txt\n"
      "  godseye provider-key list\n"
      "  godseye provider-key delete 3");
}

void ControlFlags::add_virtual_key(CLI::App& program) {
  virtual_key_ = program.add_subcommand("virtual-key", "Keys that clients of the gateway present");
  virtual_key_->require_subcommand(1);
  CLI::App* create = command(*virtual_key_, "create", "Make a key and print it, this once");
  create->add_option("name", keys_.name, "what it is for")->required();
  create->add_option("--user", keys_.user, "whose calls they are");
  create->add_option("--provider", keys_.providers, "allowed provider; may be given again; none: all");
  create->add_option("--model", keys_.models, "allowed model, * at its end; may be given again; none: all");
  create->add_option("--for", keys_.duration, "when it expires: 30d, 12w")->type_name("TIME");
  command(*virtual_key_, "list", "Which keys there are");
  for (const char* action : {"disable", "enable", "delete"}) {
    command(*virtual_key_, action, std::string("By its id: ") + action)->add_option("id", keys_.id)->required();
  }
  virtual_key_->footer(
      "Examples:\n"
      "  OPENAI_API_KEY=$(godseye virtual-key create shop --provider openai --model 'gpt-4o*' --for 30d)\n"
      "  godseye virtual-key list\n"
      "  godseye virtual-key disable vk_0123456789ab");
}

void ControlFlags::add_incident(CLI::App& program) {
  incident_ = program.add_subcommand("incident", "Incidents of a running server");
  incident_->require_subcommand(1);
  CLI::App* one =
      command(*incident_, "export", "An incident as Markdown: what happened, timeline, evidence, checklist");
  one->add_option("id", incidents_.id, "number or UUID")->required();
  one->add_option("--output", incidents_.output, "a new file; without: standard output")->type_name("FILE");
  incident_->footer(
      "Examples:\n"
      "  godseye incident export 7\n"
      "  godseye incident export 7 --output post-mortem-7.md");
}

void ControlFlags::add_to(CLI::App& program) {
  add_block_commands(program);
  add_provider_key(program);
  add_virtual_key(program);
  add_incident(program);
}

bool ControlFlags::parsed() const {
  for (const CLI::App* one : {block_, unblock_, blocks_, audit_, provider_key_, virtual_key_, incident_}) {
    if (one->parsed()) return true;
  }
  return false;
}

int ControlFlags::run_keys(const Environment& environment) {
  const bool provider = provider_key_->parsed();
  const CLI::App* of = provider ? provider_key_ : virtual_key_;
  const std::string action = of->get_subcommands().front()->get_name();
  if (!provider) return run_virtual_key(target_, action, keys_, std::cout, std::cerr);
  if (action == "add") {
    if (from_environment_.empty()) {
      std::getline(std::cin, keys_.secret);
      while (!keys_.secret.empty() && (keys_.secret.back() == '\r' || keys_.secret.back() == ' ')) {
        keys_.secret.pop_back();
      }
    } else {
      keys_.secret = environment(from_environment_).value_or("");
    }
    if (keys_.secret.empty()) {
      std::cerr << "godseye provider-key: "
                << (from_environment_.empty()
                        ? "standard input holds no key (godseye provider-key add openai < key.txt)"
                        : "the environment variable " + from_environment_ + " is not set")
                << "\n";
      return 2;
    }
  }
  return run_provider_key(target_, action, keys_, std::cout, std::cerr);
}

int ControlFlags::run(const Environment& environment, const base::Clock& clock) {
  if (target_.api_key.empty()) target_.api_key = environment("DD_API_KEY").value_or("");
  if (target_.app_key.empty()) target_.app_key = environment("DD_APP_KEY").value_or("");
  if (target_.author.empty()) target_.author = environment("USER").value_or("");
  if (block_->parsed()) return run_block(target_, blocking_, std::cout, std::cerr);
  if (unblock_->parsed()) return run_unblock(target_, blocking_, std::cout, std::cerr);
  if (blocks_->parsed()) return run_blocks(target_, blocking_, clock, std::cout, std::cerr);
  if (audit_->parsed()) return run_audit(target_, auditing_, std::cout, std::cerr);
  if (incident_->parsed()) return run_incident_export(target_, incidents_, std::cout, std::cerr);
  return run_keys(environment);
}

}  // namespace godseye::app
