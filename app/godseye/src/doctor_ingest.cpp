#include "doctor_ingest.h"

#include <map>

#include <godseye/net/http_client.h>

#include <boost/json.hpp>

namespace godseye::app {
namespace {

namespace json = boost::json;

// What a reason of dropping means to a person, and what to do about it.
const std::map<std::string, std::string, std::less<>>& meanings() {
  static const std::map<std::string, std::string, std::less<>> kMeanings = {
      {"duplicate", "arrived before; a client that got no answer in time sends again, so nothing is missing"},
      {"zero_id", "without a trace id or span id: the client's instrumentation is broken"},
      {"trace_id_zero", "without a trace id: the client's instrumentation is broken"},
      {"span_id_zero", "without a span id: the client's instrumentation is broken"},
      {"partial", "snapshots of spans that still ran; the finished ones are kept"},
      {"not_a_span", "not readable as a span: report the client and its version"},
      {"foreign_trace_id", "of another trace than the chunk they came in"},
      {"too_many_spans", "beyond the limit of one payload: let the client flush more often"},
      {"no_span_id", "LLM spans without an id"},
      {"no_label", "evaluations without a label, or with a dot in it"},
      {"bad_metric_type", "evaluations whose metric_type is unknown or lacks its value"},
      {"no_join", "evaluations that refer to nothing"}};
  return kMeanings;
}

uint64_t number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->as_uint64();
  return value->is_int64() && value->as_int64() > 0 ? static_cast<uint64_t>(value->as_int64()) : 0;
}

std::string text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::object& object_in(const json::object& object, std::string_view key) {
  static const json::object kNone;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->as_object() : kNone;
}

std::string spans(uint64_t count) { return std::to_string(count) + (count == 1 ? " span" : " spans"); }

std::string dropped_text(const json::object& dropped) {
  std::string out;
  for (const auto& [reason, value] : dropped) {
    const uint64_t count = number(dropped, reason);
    if (count == 0) continue;
    out += (out.empty() ? "" : "; ") + std::to_string(count) + " " + std::string(reason);
    const auto meaning = meanings().find(std::string_view(reason));
    if (meaning != meanings().end()) out += " (" + meaning->second + ")";
  }
  return out;
}

// Duplicates and snapshots are how the protocol works; anything else is lost work.
bool harmless(std::string_view reason) { return reason == "duplicate" || reason == "partial"; }

Finding explain_client(const json::object& row) {
  Finding finding;
  std::string who = text(row, "client");
  if (who.empty()) who = "a client of unknown language";
  finding.check = text(row, "path");
  std::string& out = finding.text;
  out = who + (text(row, "version").empty() ? "" : " " + text(row, "version")) + ": ";
  const uint64_t received = number(row, "received");
  const uint64_t accepted = number(row, "accepted");
  const uint64_t stored = number(row, "stored");
  const uint64_t queryable = number(row, "queryable");
  const uint64_t refused = number(row, "refused");
  out += spans(received) + " received, " + std::to_string(accepted) + " accepted";
  if (stored == accepted && queryable == stored) {
    out += accepted > 0 ? ", all stored and queryable" : "";
  } else {
    out += ", " + std::to_string(stored) + " stored, " + std::to_string(queryable) + " queryable";
    if (stored > queryable) out += " (" + std::to_string(stored - queryable) + " on their way)";
  }
  if (refused > 0) {
    finding.verdict = Verdict::kWarning;
    out += ". Refused, because the journal was full or the disk failed: " + spans(refused) +
           "; the client was told to send again";
  }
  const json::object& dropped = object_in(row, "dropped");
  if (const std::string what = dropped_text(dropped); !what.empty()) {
    out += ". Dropped: " + what;
    for (const auto& field : dropped) {
      if (!harmless(field.key())) finding.verdict = Verdict::kWarning;
    }
  }
  return finding;
}

void explain_store(const json::object& root, std::vector<Finding>& out) {
  const json::object& proof = object_in(root, "spans");
  const json::object& gap = object_in(proof, "gap");
  if (const uint64_t missing = number(gap, "spans"); missing > 0) {
    out.push_back({"gap", Verdict::kProblem,
                   spans(missing) + " accepted up to " + std::to_string(number(gap, "oldest_ms") / 1000) +
                       " s ago cannot be queried yet: the store's engine is down or behind. Nothing is lost, the "
                       "journal has it; see the store's part of /health"});
  } else {
    out.push_back({"gap", Verdict::kOk, "nothing that was accepted more than a minute ago is missing from the tables"});
  }
  const json::object& journal = object_in(root, "journal");
  if (const uint64_t aside = number(journal, "set_aside"); aside > 0) {
    out.push_back({"set-aside", Verdict::kProblem,
                   std::to_string(aside) + " segments were refused by the engine and lie in journal/quarantine: what "
                                           "they hold is not queryable"});
  }
  const uint64_t refused = number(journal, "refused_full") + number(journal, "refused_io");
  if (refused > 0) {
    out.push_back({"journal", Verdict::kWarning,
                   "the journal refused " + std::to_string(refused) +
                       " appends since start; more room: --journal-bytes-max, or a faster store"});
  }
}

void explain_intake(const json::object& facts, std::vector<Finding>& out) {
  const auto tell = [&](std::string_view key, std::string_view check, std::string words) {
    if (const uint64_t count = number(facts, key); count > 0) {
      out.push_back({std::string(check), Verdict::kWarning, std::to_string(count) + std::move(words)});
    }
  };
  tell("llm_price_unknown", "prices",
       " calls of models without a known price: they have no cost. Add the models with --prices or "
       "PUT /api/godseye/v1/prices");
  tell("times_clamped", "clocks", " spans had times that cannot be; a client's clock may be wrong");
  tell("texts_unreadable", "texts", " prompts or answers were not JSON and were masked as plain text");
  if (const uint64_t count = number(facts, "llm_self_reported"); count > 0) {
    out.push_back({"llm-metrics", Verdict::kOk,
                   std::to_string(count) + " LLM spans came from services that send llm.* metrics themselves; those "
                                           "families are not derived a second time"});
  }
  if (const uint64_t count = number(facts, "llm_not_counted"); count > 0) {
    out.push_back({"counted-once", Verdict::kOk,
                   std::to_string(count) + " LLM spans describe calls that another span counts; they are shown and "
                                           "not counted"});
  }
}

}  // namespace

std::vector<Finding> explain_ingestion(std::string_view body) {
  boost::system::error_code failure;
  const json::value document = json::parse(body, failure);
  if (failure || !document.is_object()) {
    return {
        {"ingestion", Verdict::kProblem, "the server's answer is not readable: " + std::string(body.substr(0, 200))}};
  }
  const json::object& root = document.as_object();
  const json::object& proof = object_in(root, "spans");
  std::vector<Finding> out;
  const json::value* rows = proof.if_contains("rows");
  if (rows == nullptr || !rows->is_array() || rows->as_array().empty()) {
    out.push_back({"clients", Verdict::kWarning,
                   "no client has sent a span since the server started. Set DD_TRACE_AGENT_URL to the trace agent's "
                   "address (http://127.0.0.1:8126), and DD_LLMOBS_ENABLED=1 for LLM spans"});
  } else {
    for (const json::value& row : rows->as_array()) {
      if (row.is_object()) out.push_back(explain_client(row.as_object()));
    }
  }
  explain_store(root, out);
  explain_intake(object_in(proof, "intake"), out);
  return out;
}

std::vector<Finding> examine_ingestion(const Settings& settings, const IngestQuestion& question) {
  net::HttpClient client({.tls_verify = false});
  net::HttpCall call;
  call.timeout = std::chrono::seconds(5);
  call.url = running_url(settings) + "/api/godseye/v1/ingestion";
  if (settings.http.family == net::ListenAddress::Family::kUnix) call.unix_socket = settings.http.path;
  if (!question.api_key.empty()) call.headers.add("DD-API-KEY", question.api_key);
  if (!question.app_key.empty()) call.headers.add("DD-APPLICATION-KEY", question.app_key);
  const base::Result<net::HttpReply> reply = client.send(call);
  if (!reply) {
    return {
        {"server", Verdict::kProblem, "no server answers at " + settings.http.text() + ": " + reply.error().message()}};
  }
  if (reply->status == 403) {
    return {{"server", Verdict::kProblem, "the server asks for keys: set DD_API_KEY and DD_APP_KEY"}};
  }
  if (reply->status != 200) {
    return {{"server", Verdict::kProblem, "the server answered " + std::to_string(reply->status)}};
  }
  return explain_ingestion(reply->body);
}

}  // namespace godseye::app
