#include "route_help.h"
#include "span_route_help.h"

#include <godseye/api/errors.h>
#include <godseye/api/event_routes.h>
#include <godseye/ddapi/event.h>

namespace godseye::api {

using net::HttpResponse;
using signal::EventBatch;

namespace {

constexpr std::string_view kStatusOk = R"({"status":"ok"})";
constexpr size_t kPageV1 = 1000;
constexpr int64_t kNsPerMs = 1'000'000;

// `a:b` as a term of the search language.
std::string term(std::string_view key, std::string_view value) {
  return std::string(key) + ":" + lang::quoted_search_value(value);
}

std::string any_of(std::string_view key, std::string_view list) {
  std::string text;
  for (const std::string& value : split_list(list)) text += (text.empty() ? "" : " OR ") + term(key, value);
  return text.empty() ? "" : "(" + text + ")";
}

}  // namespace

EventRoutes::EventRoutes(pipeline::EventIntake& intake, query::EventEngine& events, Append append, base::Clock clock,
                         std::string public_url)
    : intake_(intake),
      events_(events),
      append_(std::move(append)),
      clock_(std::move(clock)),
      public_url_(std::move(public_url)) {}

void EventRoutes::add_to(Router& router) {
  const auto post = [&](std::string_view path, HttpResponse (EventRoutes::*handle)(const Request&)) {
    router.add(RouteClass::kIntake, "POST", path, [this, handle](const Request& request) {
      ++bodies_;
      bytes_in_ += request.body().size();
      return (this->*handle)(request);
    });
  };
  post("/api/v1/events", &EventRoutes::create_v1);
  post("/api/v2/events", &EventRoutes::create_v2);
  post("/api/v1/check_run", &EventRoutes::check_run);
  post("/api/godseye/v1/analytics", &EventRoutes::track);
  const auto read = [&](std::string_view method, std::string_view path,
                        HttpResponse (EventRoutes::*handle)(const Request&) const) {
    router.add(RouteClass::kManagement, method, path,
               [this, handle](const Request& request) { return (this->*handle)(request); });
  };
  read("GET", "/api/v1/events", &EventRoutes::list_v1);
  read("GET", "/api/v1/events/{id}", &EventRoutes::get_v1);
  read("GET", "/api/v2/events", &EventRoutes::list_v2);
  read("POST", "/api/v2/events/search", &EventRoutes::search_v2);
}

HttpResponse EventRoutes::refused(const base::Error& error) {
  ++malformed_;
  return error_response(error);
}

base::Status EventRoutes::keep(EventBatch& batch) {
  intake_.accept(batch);
  base::Status kept = append_(batch);
  if (!kept) ++journal_;
  return kept;
}

HttpResponse EventRoutes::create_v1(const Request& request) {
  base::Result<signal::Event> event = ddapi::decode_event_v1(request.body());
  if (!event) return refused(event.error());
  EventBatch batch{.events = {*std::move(event)}, .checks = {}};
  if (base::Status kept = keep(batch); !kept) return error_response(kept.error());
  if (batch.events.empty()) {
    return error_response(400, "date_happened: expected a time of the last 18 hours, at most 10 minutes ahead");
  }
  return net::json_response(202, ddapi::encode_event_created_v1(batch.events[0], public_url_));
}

HttpResponse EventRoutes::create_v2(const Request& request) {
  base::Result<signal::Event> event = ddapi::decode_event_v2(request.body());
  if (!event) {
    ++malformed_;
    return json_api_error(event.error());
  }
  EventBatch batch{.events = {*std::move(event)}, .checks = {}};
  if (base::Status kept = keep(batch); !kept) return json_api_error(kept.error());
  if (batch.events.empty()) {
    return json_api_error(400, "data.attributes.timestamp: expected a time of the last 18 hours");
  }
  return net::json_response(202, ddapi::encode_event_created_v2(batch.events[0], public_url_));
}

HttpResponse EventRoutes::check_run(const Request& request) {
  base::Result<std::vector<signal::ServiceCheck>> checks = ddapi::decode_checks(request.body());
  if (!checks) return refused(checks.error());
  EventBatch batch{.events = {}, .checks = *std::move(checks)};
  if (base::Status kept = keep(batch); !kept) return error_response(kept.error());
  return net::json_response(202, std::string(kStatusOk));
}

HttpResponse EventRoutes::track(const Request& request) {
  base::Result<std::vector<signal::Event>> events = ddapi::decode_tracks(request.body());
  if (!events) return refused(events.error());
  EventBatch batch{.events = *std::move(events), .checks = {}};
  const size_t given = batch.events.size();
  if (base::Status kept = keep(batch); !kept) return error_response(kept.error());
  return net::json_response(202, R"({"status":"ok","accepted":)" + std::to_string(batch.events.size()) +
                                     R"(,"dropped":)" + std::to_string(given - batch.events.size()) + "}");
}

HttpResponse EventRoutes::list_v1(const Request& request) const {
  const std::optional<int64_t> start = whole_number(request.query("start"));
  const std::optional<int64_t> end = whole_number(request.query("end"));
  if (!start || !end || *start >= *end) {
    return error_response(400, "start and end: expected Unix seconds, start before end");
  }
  std::string text;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : " AND ") + part;
  };
  add(any_of("source", request.query("sources")));
  if (!request.query("priority").empty()) add(term("priority", request.query("priority")));
  for (const std::string& tag : split_list(request.query("tags"))) {
    const size_t colon = tag.find(':');
    add(colon == std::string::npos ? term("tags", tag) : term(tag.substr(0, colon), tag.substr(colon + 1)));
  }
  const base::Result<lang::SearchNode> query = lang::parse_search(text);
  if (!query) return error_response(query.error());
  query::EventSearch search{
      .query = *query, .from_ms = *start * 1000, .to_ms = *end * 1000 + 1000, .limit = kPageV1, .cursor = {}};
  // Pages are numbered here: the ones before are walked over.
  const size_t page = number_parameter(request, "page", 0, 100);
  for (size_t at = 0;; ++at) {
    const base::Result<query::EventPage> found = events_.search(search);
    if (!found) return error_response(found.error());
    if (at == page) return net::json_response(200, ddapi::encode_events_v1(found->events, public_url_));
    if (found->next_cursor.empty()) return net::json_response(200, ddapi::encode_events_v1({}, public_url_));
    search.cursor = found->next_cursor;
  }
}

HttpResponse EventRoutes::get_v1(const Request& request) const {
  const std::optional<int64_t> id = whole_number(request.param("id"));
  if (!id) return error_response(400, "the id of an event is a number");
  const base::Result<signal::Event> event = events_.event(static_cast<uint64_t>(*id));
  if (!event) return error_response(event.error());
  return net::json_response(200, ddapi::encode_event_v1(*event, public_url_));
}

namespace {

HttpResponse answer(query::EventEngine& events, const ddapi::EventSearchRequest& request, const base::Clock& clock) {
  const Stopwatch watch(clock);
  const base::Result<lang::SearchNode> query = lang::parse_search(request.query);
  if (!query) return json_api_error(query.error());
  const base::Result<TimeRange> range =
      read_range(request.from, request.to, now_ns(clock), ddapi::TimeUnit::kMilliseconds);
  if (!range) return json_api_error(range.error());
  // `to` is included: an event of this very millisecond is one that a client has just sent.
  const base::Result<query::EventPage> page = events.search({.query = *query,
                                                             .from_ms = range->from_ns / kNsPerMs,
                                                             .to_ms = range->to_ns / kNsPerMs + 1,
                                                             .limit = request.limit,
                                                             .ascending = request.ascending,
                                                             .cursor = request.cursor});
  if (!page) return json_api_error(page.error());
  std::string next;
  if (!page->next_cursor.empty()) next = "/api/v2/events?page[cursor]=" + page->next_cursor;
  return net::json_response(200, ddapi::encode_events_v2(page->events, page->next_cursor, next, watch.elapsed_ms(),
                                                         std::to_string(now_ns(clock))));
}

}  // namespace

HttpResponse EventRoutes::list_v2(const Request& request) const {
  ddapi::EventSearchRequest search;
  search.query = request.query("filter[query]");
  if (!request.query("filter[from]").empty()) search.from = request.query("filter[from]");
  if (!request.query("filter[to]").empty()) search.to = request.query("filter[to]");
  search.cursor = request.query("page[cursor]");
  search.limit = number_parameter(request, "page[limit]", 10, query::kEventPageMax);
  const std::string_view sort = request.query("sort");
  if (!sort.empty() && sort != "timestamp" && sort != "-timestamp") {
    return json_api_error(400, "sort: expected timestamp or -timestamp");
  }
  search.ascending = sort == "timestamp";
  return answer(events_, search, clock_);
}

HttpResponse EventRoutes::search_v2(const Request& request) const {
  const base::Result<ddapi::EventSearchRequest> search = ddapi::decode_event_search(request.body());
  if (!search) return json_api_error(search.error());
  return answer(events_, *search, clock_);
}

EventRouteStats EventRoutes::stats() const {
  return {.bodies = bodies_, .bytes_in = bytes_in_, .refused_malformed = malformed_, .refused_journal = journal_};
}

}  // namespace godseye::api
