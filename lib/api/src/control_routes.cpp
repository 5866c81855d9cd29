#include "body_reader.h"
#include "control_impl.h"
#include "route_help.h"

#include <godseye/registry/blocks.h>

namespace godseye::api {

using gateway::Block;
using gateway::BlockKind;
using net::HttpResponse;

namespace {

constexpr std::string_view kBlocks = "/api/godseye/v1/blocks";
constexpr size_t kValueBytesMax = 8192;  // a whole client key is taken, and becomes its name
constexpr int64_t kDurationMax = 10LL * 365 * 86'400;

base::Error unknown_kind(std::string_view kind) {
  return {base::ErrorCode::kInvalidArgument,
          "kind: expected session, user, address or key, not " + base::json_quoted(kind.substr(0, 60))};
}

}  // namespace

std::string ControlRoutes::Impl::actor(const Request& request, std::string_view author) {
  const Caller& caller = request.caller();
  if (caller.kind == Caller::Kind::kUser) return caller.name;  // whatever the request says
  if (author.empty()) return caller.name.empty() ? "api" : caller.name;
  return std::string(author) + (caller.name.empty() ? "" : " (" + caller.name + ")");
}

HttpResponse ControlRoutes::Impl::list_blocks(const Request& request) const {
  registry::BlockFilter filter;
  if (const std::string_view kind = request.query("kind"); !kind.empty()) {
    const std::optional<BlockKind> parsed = gateway::parse_block_kind(kind);
    if (!parsed) return error_response(unknown_kind(kind));
    filter.kind = static_cast<int>(*parsed);
    if (const std::string_view value = request.query("value"); !value.empty()) {
      base::Result<std::string> formed = gateway::block_value(*parsed, value);
      if (!formed) return error_response(formed.error());
      filter.value = *std::move(formed);
    }
  } else if (const std::string_view value = request.query("value"); !value.empty()) {
    filter.value = value;
  }
  filter.ended = request.query("ended") == "true";
  const size_t limit = number_parameter(request, "limit", 100, kBlocksPageMax);
  filter.before_id = whole_number(request.query("cursor")).value_or(0);
  filter.count_max = limit + 1;
  const int64_t now = now_s();
  auto rows = parts.control.registry().fetch<std::vector<registry::BlockRow>>(
      [&](registry::ReadSession& session) { return registry::list_blocks(session, filter, now); });
  if (!rows) return error_response(rows.error());
  const bool more = rows->size() > limit;
  if (more) rows->resize(limit);
  std::string out = "{\"blocks\":[";
  for (const registry::BlockRow& row : *rows) {
    if (out.back() != '[') out += ',';
    out += gateway::block_json(control::block_of(row), now);
  }
  out += "],\"next\":" + (more && !rows->empty() ? '"' + std::to_string(rows->back().id) + '"' : std::string("null"));
  return net::json_response(200, out + "}");
}

HttpResponse ControlRoutes::Impl::set_block(const Request& request) {
  BodyReader body(request.body());
  Block block;
  const std::string kind = body.required("kind", 16);
  const std::optional<BlockKind> parsed = gateway::parse_block_kind(kind);
  if (!parsed && !kind.empty()) body.wrong(unknown_kind(kind).message());
  block.kind = parsed.value_or(BlockKind::kSession);
  block.value = body.required("value", kValueBytesMax);
  block.reason = body.text("reason", gateway::kBlockReasonBytesMax).value_or("");
  block.author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  const std::optional<int64_t> expires = body.whole("expires", 0, INT64_MAX);
  const std::optional<int64_t> duration = body.whole("duration_s", 1, kDurationMax);
  if (expires && duration) body.wrong("expires, duration_s: expected one of them");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  block.expires_s = duration ? now_s() + *duration : expires.value_or(0);
  const std::string who = actor(request, block.author);
  if (block.author.empty()) block.author = who;
  base::Result<Block> set = parts.control.set_block(std::move(block), who);
  if (!set) return error_response(set.error());
  return net::json_response(201, gateway::block_json(*set, now_s()));
}

HttpResponse ControlRoutes::Impl::lift_block(const Request& request) {
  BodyReader body(request.body());
  std::string kind = body.text("kind", 16).value_or(std::string(request.query("kind")));
  std::string value = body.text("value", kValueBytesMax).value_or(std::string(request.query("value")));
  std::string author =
      body.text("author", gateway::kBlockAuthorBytesMax).value_or(std::string(request.query("author")));
  if (base::Status done = body.done(); !done) return error_response(done.error());
  if (kind.empty() || value.empty()) {
    return error_response(400, "expected kind and value, in the query or as a JSON body");
  }
  const std::optional<BlockKind> parsed = gateway::parse_block_kind(kind);
  if (!parsed) return error_response(unknown_kind(kind));
  base::Result<Block> lifted =
      parts.control.lift_block(*parsed, value, actor(request, author.substr(0, gateway::kBlockAuthorBytesMax)));
  if (!lifted) return error_response(lifted.error());
  return net::json_response(200, gateway::block_json(*lifted, now_s()));
}

HttpResponse ControlRoutes::Impl::lift_block_id(const Request& request) {
  const std::optional<int64_t> id = whole_number(request.param("id"));
  if (!id) return error_response(404, "no block has the id " + request.param("id").substr(0, 40));
  auto row = parts.control.registry().fetch<std::optional<registry::BlockRow>>(
      [&](registry::ReadSession& session) { return registry::find_block_id(session, *id); });
  if (!row) return error_response(row.error());
  if (!*row) return error_response(404, "no block has the id " + std::to_string(*id));
  const Block block = control::block_of(**row);
  if (!block.active(now_s())) return error_response(404, "block " + std::to_string(*id) + " is not in force any more");
  const std::string author(request.query("author").substr(0, gateway::kBlockAuthorBytesMax));
  base::Result<Block> lifted = parts.control.lift_block(block.kind, block.value, actor(request, author));
  if (!lifted) return error_response(lifted.error());
  return net::json_response(200, gateway::block_json(*lifted, now_s()));
}

void ControlRoutes::Impl::add_block_routes(Router& router) {
  const auto add = [&](std::string_view method, const std::string& path, auto work) {
    router.add(RouteClass::kManagement, method, path, std::move(work));
  };
  const std::string base(kBlocks);
  add("GET", base, [this](const Request& r) { return list_blocks(r); });
  add("POST", base, [this](const Request& r) { return set_block(r); });
  add("DELETE", base, [this](const Request& r) { return lift_block(r); });
  add("DELETE", base + "/{id}", [this](const Request& r) { return lift_block_id(r); });
  add("GET", base + "/watch", [this](const Request& r) { return watch.subscribe(r); });
}

ControlRoutes::ControlRoutes(ControlParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
ControlRoutes::~ControlRoutes() = default;

void ControlRoutes::add_to(Router& router) {
  impl_->add_block_routes(router);
  impl_->add_policy_routes(router);
  impl_->add_key_routes(router);
  impl_->add_link_routes(router);
}

void ControlRoutes::close() { impl_->watch.close(); }

ControlRouteStats ControlRoutes::stats() const {
  return {.watchers = impl_->watch.watchers(),
          .watchers_refused = impl_->watch.refused(),
          .spans_bodies = impl_->spans_bodies,
          .spans_bytes = impl_->spans_bytes,
          .spans_malformed = impl_->spans_malformed,
          .spans_refused = impl_->spans_refused};
}

}  // namespace godseye::api
