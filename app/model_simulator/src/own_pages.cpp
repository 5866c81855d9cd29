// The simulator's own pages, apart from any provider's protocol:
//   GET|PUT|DELETE /simulator/faults    orders for all requests
//   GET            /simulator/stats     counts since the start
//   GET|DELETE     /simulator/requests  the last requests, when --keep-requests is given
#include "json_pages.h"
#include "service.h"

#include <algorithm>

#include <godseye/simulator/models.h>

namespace godseye::model_simulator {

namespace {

// A key must not be readable in what is kept: its end is enough to tell keys apart.
std::string masked(std::string_view name, std::string_view value) {
  const bool secret = name == "authorization" || name == "x-api-key" || name == "x-goog-api-key" || name == "api-key" ||
                      name == "cookie";
  if (!secret) return std::string(value);
  return "…" + std::string(value.substr(value.size() - std::min<size_t>(value.size() / 2, 4)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

net::HttpResponse not_allowed(std::string_view allowed) {
  net::HttpResponse response = net::error_response(405, "this page takes " + std::string(allowed));
  response.headers.add("Allow", std::string(allowed));
  return response;
}

}  // namespace

bool is_listed(std::string_view model) {
  const auto models = simulator::listed_models();
  return std::any_of(models.begin(), models.end(),
                     [name = simulator::plain_name(model)](const auto& listed) { return listed.name == name; });
}

void Service::keep(const net::HttpRequest& request) {
  std::string entry = "{\"method\":" + net::json_quoted(request.method) +
                      ",\"path\":" + net::json_quoted(request.raw_path) + ",\"headers\":{";
  bool first = true;
  for (const auto& [name, value] : request.headers) {
    const std::string folded = lower(name);
    entry += (first ? "" : ",") + net::json_quoted(folded) + ":" + net::json_quoted(masked(folded, value));
    first = false;
  }
  entry += "},\"body\":" + net::json_quoted(std::string_view(request.body).substr(0, kKeptBodyBytesMax)) + "}";
  base::MutexLock lock(mutex_);
  kept_.push_back(std::move(entry));
  while (kept_.size() > std::min(config_.requests_kept, kRequestsKeptMax)) kept_.pop_front();
}

net::HttpResponse Service::own_page(const net::HttpRequest& request) {
  const base::TickTime now = clock_.tick();
  if (request.path == "/simulator/faults") {
    if (request.method == "GET") return net::json_response(200, board_.json(now));
    if (request.method == "DELETE") {
      board_.clear();
      return net::json_response(200, board_.json(now));
    }
    if (request.method != "PUT") return not_allowed("GET, PUT, DELETE");
    auto orders = simulator::parse_fault_orders(request.body);
    if (!orders) {
      const int status = orders.error().code() == base::ErrorCode::kTooLarge ? 413 : 400;
      return net::error_response(status, orders.error().message());
    }
    board_.put(*std::move(orders), now);
    return net::json_response(200, board_.json(now));
  }
  if (request.path == "/simulator/stats") {
    std::string body = "{";
    const std::pair<std::string_view, const std::atomic<uint64_t>*> counts[] = {
        {"requests", &counters_.requests},     {"chats", &counters_.chats},        {"streams", &counters_.streams},
        {"embeddings", &counters_.embeddings}, {"refused", &counters_.refused},    {"faults", &counters_.faults},
        {"limited", &counters_.limited},       {"cancelled", &counters_.cancelled}};
    for (const auto& [name, count] : counts) {
      body += (body.size() > 1 ? ",\"" : "\"") + std::string(name) +
              "\":" + std::to_string(count->load(std::memory_order_relaxed));
    }
    return net::json_response(200, body + "}");
  }
  if (request.path == "/simulator/requests") {
    if (config_.requests_kept == 0)
      return net::error_response(404, "start with --keep-requests N to keep the last requests");
    base::MutexLock lock(mutex_);
    if (request.method == "DELETE") kept_.clear();
    std::string body = "{\"requests\":[";
    for (const std::string& entry : kept_) body += (body.back() == '[' ? "" : ",") + entry;
    return net::json_response(200, body + "]}");
  }
  if (request.path == "/api/version") return net::json_response(200, "{\"version\":\"0.0.0-simulated\"}");
  if (request.path == "/") {
    net::HttpResponse response{.status = 200, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}};
    response.body =
        "model-simulator is running: OpenAI, Gemini, Anthropic and Ollama protocols; /simulator/faults, "
        "/simulator/stats\n";
    return response;
  }
  return net::error_response(404, "no such page: /simulator/faults, /simulator/stats, /simulator/requests");
}

}  // namespace godseye::model_simulator
