#include "incident_command.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <godseye/net/http_client.h>
#include <godseye/net/uri.h>

namespace godseye::app {
namespace {

constexpr std::chrono::seconds kTimeout{60};  // the evidence is looked up in the store

// Terminals act on control characters; the document keeps its lines.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    out += control ? '?' : c;
  }
  return out;
}

int write_file(const std::string& path, const std::string& text, std::ostream& errors) {
  if (std::filesystem::exists(path)) {
    errors << "godseye incident export: " << path << " is there already; name another file\n";
    return 1;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return 0;
  errors << "godseye incident export: " << path << " cannot be written\n";
  return 1;
}

}  // namespace

int run_incident_export(const ControlTarget& target, const IncidentOptions& options, std::ostream& out,
                        std::ostream& errors) {
  net::HttpCall call{.method = "GET", .url = target.server};
  while (call.url.ends_with('/')) call.url.pop_back();
  call.url += "/api/godseye/v1/incidents/" + net::percent_encode(options.id) + "/export";
  if (!target.api_key.empty()) call.headers.add("DD-API-KEY", target.api_key);
  if (!target.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", target.app_key);
  call.timeout = kTimeout;
  net::HttpClient client;
  const auto reply = client.send(call);
  if (!reply) {
    errors << "godseye incident export: " << target.server << ": " << reply.error().message()
           << " (is the server up? --server names another)\n";
    return 2;
  }
  if (reply->status != 200) {
    errors << "godseye incident export: " << printable(reply->body.substr(0, 400));
    if (reply->status == 401 || reply->status == 403)
      errors << " (DD_API_KEY and DD_APP_KEY, or --api-key and --app-key)";
    errors << "\n";
    return 1;
  }
  if (options.output.empty() || options.output == "-") {
    out << printable(reply->body);
    return 0;
  }
  return write_file(options.output, reply->body, errors);
}

}  // namespace godseye::app
