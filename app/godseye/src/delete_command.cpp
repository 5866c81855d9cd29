#include "delete_command.h"

#include <algorithm>
#include <ostream>

#include <godseye/net/http_client.h>
#include <godseye/net/uri.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;

// Longer than the server gives an erasure.
constexpr std::chrono::seconds kTimeout{150};

// Terminals act on control characters.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 400)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

}  // namespace

base::Result<std::string> delete_report(std::string_view body) {
  try {
    const json::value value = json::parse(body);
    std::string text;
    for (const auto& [table, rows] : value.as_object().at("deleted").as_object()) {
      text += "  " + printable(std::string_view(table)) + std::string(table.size() < 14 ? 14 - table.size() : 1, ' ') +
              std::to_string(rows.to_number<uint64_t>()) + "\n";
    }
    text = "erased " + std::to_string(value.as_object().at("rows").to_number<uint64_t>()) + " rows\n" + text;
    if (const json::value* note = value.as_object().if_contains("note")) {
      text += "note: " + printable(std::string_view(note->as_string())) + "\n";
    }
    return text;
  } catch (const std::exception&) {  // Boost.JSON throws for what is not there or of another kind
    return base::Error(base::ErrorCode::kCorrupt, "the server's answer is not that of an erasure");
  }
}

int run_delete(const DeleteCommand& command, std::ostream& out, std::ostream& errors) {
  if (command.session.empty() == command.user.empty()) {
    errors << "godseye delete: expected either --session ID or --user ID\n";
    return 2;
  }
  const bool session = !command.session.empty();
  net::HttpCall call;
  call.method = "DELETE";
  call.url = command.server + (session ? "/api/godseye/v1/sessions/" : "/api/godseye/v1/users/") +
             net::percent_encode(session ? command.session : command.user);
  if (!command.api_key.empty()) call.headers.add("DD-API-KEY", command.api_key);
  if (!command.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", command.app_key);
  call.timeout = kTimeout;
  net::HttpClient client;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye delete: " << command.server << ": " << reply.error().message() << "\n";
    return 2;
  }
  if (reply->status != 200) {
    errors << "godseye delete: " << reply->status << " " << printable(reply->body) << "\n";
    return 1;
  }
  if (command.json) {
    out << reply->body << "\n";
    return 0;
  }
  const auto report = delete_report(reply->body);
  if (!report) {
    errors << "godseye delete: " << report.error().message() << "\n";
    return 2;
  }
  out << *report;
  return 0;
}

}  // namespace godseye::app
