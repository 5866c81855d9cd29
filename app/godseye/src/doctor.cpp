#include "doctor.h"

#include <array>
#include <cerrno>
#include <filesystem>

#include <godseye/net/http_client.h>
#include <godseye/net/http_message.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace godseye::app {
namespace {

namespace fs = std::filesystem;

// Below this much free space the engine's merges begin to fail.
constexpr uint64_t kFreeBytesLow = 2ULL << 30;

fs::path program_folder() {
  std::error_code failure;
  return fs::read_symlink("/proc/self/exe", failure).parent_path();
}

Finding check_engine(const Settings& settings, const Environment& environment) {
  if (!settings.clickhouse_url.empty()) {
    return {"engine", Verdict::kOk, "not needed: the store is the ClickHouse server " + settings.clickhouse_url};
  }
  std::vector<std::string> places;
  if (!settings.engine.empty()) {
    places.push_back(settings.engine);
  } else {
    places.push_back((program_folder() / "../lib/libchdb.so").lexically_normal().string());
    if (const auto home = environment("HOME")) places.push_back(*home + "/.cache/godseye/engine/libchdb.so");
  }
  std::string looked;
  for (const std::string& place : places) {
    if (access(place.c_str(), R_OK) == 0) return {"engine", Verdict::kOk, place};
    looked += (looked.empty() ? "" : ", ") + place;
  }
  return {"engine", Verdict::kProblem,
          "libchdb.so was not found; looked at " + looked + ". Run ./setup, or name it with --engine"};
}

Finding check_store_program(const Settings& settings) {
  if (!settings.clickhouse_url.empty()) return {"store-program", Verdict::kOk, "not needed"};
  const std::string path =
      settings.store_program.empty() ? (program_folder() / "godseye-store").string() : settings.store_program;
  if (access(path.c_str(), X_OK) == 0) return {"store-program", Verdict::kOk, path};
  return {"store-program", Verdict::kProblem,
          path +
              " is missing or not executable. Build godseye_store, or name it "
              "with --store-program"};
}

Finding check_image_decoder(const Settings& settings) {
  if (settings.image_decoder == "off") return {"image-decoder", Verdict::kOk, "off: images are inspected, not decoded"};
  const std::string path =
      settings.image_decoder.empty() ? (program_folder() / "godseye-image-decoder").string() : settings.image_decoder;
  if (access(path.c_str(), X_OK) == 0) return {"image-decoder", Verdict::kOk, path};
  return {"image-decoder", Verdict::kProblem,
          path + " is missing or not executable. Build godseye-image-decoder, or name it with --image-decoder"};
}

Finding check_data_dir(const Settings& settings) {
  fs::path at = fs::absolute(settings.data_dir);
  std::error_code failure;
  const bool exists = fs::is_directory(at, failure);
  // What does not exist yet is made in the nearest directory that does.
  while (!fs::exists(at, failure) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
  if (access(at.c_str(), W_OK | X_OK) != 0) {
    return {"data-dir", Verdict::kProblem, base::errno_error("cannot write to " + at.string(), errno).message()};
  }
  struct statvfs space{};
  if (statvfs(at.c_str(), &space) != 0) {
    return {"data-dir", Verdict::kProblem, base::errno_error(at.string(), errno).message()};
  }
  const uint64_t free_bytes = uint64_t{space.f_bavail} * space.f_frsize;
  const std::string text =
      settings.data_dir + (exists ? "" : " (will be made)") + ", " + std::to_string(free_bytes >> 20) + " MiB free";
  return {"data-dir", free_bytes < kFreeBytesLow ? Verdict::kWarning : Verdict::kOk, text};
}

// Binds and lets go again. `type` is SOCK_STREAM or SOCK_DGRAM.
int bind_errno(const net::ListenAddress& address, int type) {
  const bool v6 = address.family == net::ListenAddress::Family::kIpv6;
  const int fd = socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  int result = 0;
  if (v6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &to.sin6_addr);
    if (bind(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) result = errno;
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    if (bind(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) result = errno;
  }
  close(fd);
  return result;
}

// The running server's health; none when nothing that speaks HTTP answers there.
std::optional<Finding> ask_health(const Settings& settings) {
  net::HttpClient client({.tls_verify = false});
  net::HttpCall call;
  call.timeout = std::chrono::seconds(3);
  const bool local = settings.http.family == net::ListenAddress::Family::kUnix;
  call.url = running_url(settings) + "/health";
  if (local) call.unix_socket = settings.http.path;
  const base::Result<net::HttpReply> reply = client.send(call);
  if (!reply) return std::nullopt;
  if (reply->body.find("\"checks\"") == std::string::npos) return std::nullopt;
  const bool good = reply->body.starts_with(R"({"status":"ok")");
  return Finding{"health", good ? Verdict::kOk : Verdict::kProblem, reply->body.substr(0, 2000)};
}

std::vector<Finding> check_listeners(const Settings& settings) {
  std::vector<Finding> out;
  if (auto health = ask_health(settings)) {
    out.push_back({"http", Verdict::kOk, "a server is running at " + settings.http.text()});
    out.push_back(*std::move(health));
    return out;
  }
  const auto check = [&](std::string name, const net::ListenAddress& address, int type) {
    if (address.family == net::ListenAddress::Family::kUnix) return;
    const int code = bind_errno(address, type);
    if (code == 0) {
      out.push_back({std::move(name), Verdict::kOk, address.text() + " is free"});
    } else {
      std::string text = base::errno_error(address.text(), code).message() + "; choose another with --" + name;
      out.push_back({std::move(name), Verdict::kProblem, std::move(text)});
    }
  };
  check("http", settings.http, SOCK_STREAM);
  if (settings.dogstatsd) check("dogstatsd", *settings.dogstatsd, SOCK_DGRAM);
  out.push_back({"health", Verdict::kWarning, "no server answers at " + settings.http.text()});
  return out;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kProblem:
      break;
  }
  return "problem";
}

}  // namespace

std::string running_url(const Settings& settings) {
  net::ListenAddress to = settings.http;
  if (to.host == "0.0.0.0") to.host = "127.0.0.1";
  if (to.host == "::") to.host = "::1";
  const bool local = to.family == net::ListenAddress::Family::kUnix;
  return std::string(settings.tls_cert.empty() ? "http://" : "https://") + (local ? "localhost" : to.text());
}

std::vector<Finding> examine(const Settings& settings, const Environment& environment) {
  std::vector<Finding> out{check_engine(settings, environment), check_store_program(settings),
                           check_image_decoder(settings), check_data_dir(settings)};
  for (Finding& finding : check_listeners(settings)) out.push_back(std::move(finding));
  return out;
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    std::string line(verdict_name(finding.verdict));
    line.resize(9, ' ');
    line += finding.check;
    line.resize(std::max<size_t>(line.size() + 1, 24), ' ');
    out += line + finding.text + "\n";
  }
  return out;
}

std::string findings_json(const std::vector<Finding>& findings) {
  std::string out = any_problem(findings) ? R"({"ok":false,"checks":[)" : R"({"ok":true,"checks":[)";
  for (size_t i = 0; i < findings.size(); ++i) {
    if (i > 0) out += ',';
    out += R"({"check":)" + net::json_quoted(findings[i].check) + R"(,"verdict":")";
    out += std::string(verdict_name(findings[i].verdict)) + R"(","text":)" + net::json_quoted(findings[i].text) + "}";
  }
  return out + "]}\n";
}

bool any_problem(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::kProblem) return true;
  }
  return false;
}

}  // namespace godseye::app
