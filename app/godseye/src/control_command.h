#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

// `godseye block | unblock | blocks | audit | provider-key | virtual-key`: asks a running server to change who may use
// the gateway and with what, or shows it.
namespace godseye::app {

struct ControlTarget {
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;  // empty: none is sent (a server with --anonymous-loopback)
  std::string app_key;
  std::string author;  // for the audit log
  bool json = false;   // the server's answer as it is
};

struct BlockOptions {
  std::string kind;   // session, user, address, key
  std::string value;  //
  std::string reason;
  std::string duration;  // "1h", "30m", "7d", "90s"; empty: for ever
  bool ended = false;
  int64_t limit = 100;
};

struct AuditOptions {
  std::string action;
  std::string actor;
  std::string target;
  bool people = false;  // not what gateways decided by themselves
  int64_t limit = 100;
};

struct KeyOptions {
  std::string id;
  std::string name;
  std::string provider;                // of a provider key
  std::string secret;                  // of a provider key: its text, read by the caller from a file or the environment
  std::string user;                    // of a virtual key
  std::string duration;                // as above; empty: no expiry
  std::vector<std::string> providers;  // allowed
  std::vector<std::string> models;
};

// "90s", "30m", "1h", "7d", "2w" → seconds, at least 1.
base::Result<int64_t> parse_duration(std::string_view text);

// Exit code of all: 0; 1 the server refuses; 2 it cannot be reached or the flags are wrong.
int run_block(const ControlTarget& target, const BlockOptions& options, std::ostream& out, std::ostream& errors);
int run_unblock(const ControlTarget& target, const BlockOptions& options, std::ostream& out, std::ostream& errors);
int run_blocks(const ControlTarget& target, const BlockOptions& options, const base::Clock& clock, std::ostream& out,
               std::ostream& errors);
int run_audit(const ControlTarget& target, const AuditOptions& options, std::ostream& out, std::ostream& errors);
int run_provider_key(const ControlTarget& target, std::string_view action, const KeyOptions& options, std::ostream& out,
                     std::ostream& errors);
int run_virtual_key(const ControlTarget& target, std::string_view action, const KeyOptions& options, std::ostream& out,
                    std::ostream& errors);

// Answers as tables; kCorrupt when they are none.
base::Result<std::string> blocks_table(std::string_view body, int64_t now_s);
base::Result<std::string> audit_table(std::string_view body);

}  // namespace godseye::app
