#include "evidence.h"

#include "json_fields.h"
#include "json_list.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <godseye/guard/pii.h>

#include <boost/json.hpp>

namespace godseye::api {

namespace {

namespace json = boost::json;
using query::StoredSpan;

constexpr int64_t kSecond_ns = 1'000'000'000;
constexpr double kSuspicious = 0.4;
constexpr double kRefused = 0.7;

double score_of(const StoredSpan& span) {
  if (!span.llm) return 0;
  for (const auto& [name, value] : span.llm->scores) {
    if (name == "injection") return value;
  }
  return 0;
}

// The text of one message's content: a text, or parts with texts.
std::string text_of(const json::value& content) {
  if (content.is_string()) return json::value_to<std::string>(content);
  if (content.is_object()) {
    for (const char* name : {"text", "content", "value"}) {
      if (const json::value* inner = content.as_object().if_contains(name)) return text_of(*inner);
    }
    return {};
  }
  std::string all;
  if (content.is_array()) {
    for (const json::value& part : content.as_array()) {
      const std::string text = text_of(part);
      if (!text.empty()) all += (all.empty() ? "" : "\n") + text;
    }
  }
  return all;
}

std::string last_said(const json::value& value) {
  if (value.is_object()) {
    for (const char* name : {"messages", "contents", "input", "prompt"}) {
      if (const json::value* inner = value.as_object().if_contains(name)) return last_said(*inner);
    }
    return text_of(value);
  }
  if (!value.is_array()) return text_of(value);
  const json::array& messages = value.as_array();
  for (size_t i = messages.size(); i-- > 0;) {
    if (!messages[i].is_object()) continue;
    const json::value* role = messages[i].as_object().if_contains("role");
    if (role != nullptr && role->is_string() && role->as_string() == "user") return text_of(messages[i]);
  }
  return messages.empty() ? std::string() : text_of(messages.back());
}

// The query of the search language that asks for one value of a facet; empty when the value cannot be asked for.
std::string facet_query(std::string_view facet, std::string_view value) {
  if (value.empty() || value.find_first_of("\"\\\n") != std::string_view::npos) return {};
  return std::string(facet) + ":\"" + std::string(value) + "\"";
}

std::string services_query(const std::vector<std::string>& services) {
  std::string query;
  for (const std::string& service : services) {
    const std::string one = facet_query("service", service);
    if (!one.empty()) query += (query.empty() ? "" : " OR ") + one;
  }
  return query;
}

void add_prompts(Evidence& evidence, const std::vector<StoredSpan>& spans) {
  std::vector<const StoredSpan*> worst;
  for (const StoredSpan& span : spans) {
    if (score_of(span) >= kSuspicious) worst.push_back(&span);
  }
  std::sort(worst.begin(), worst.end(), [](const auto* a, const auto* b) {
    return std::pair(score_of(*b), b->start_ns) < std::pair(score_of(*a), a->start_ns);
  });
  std::set<std::string> seen;  // the gateway and the application may both tell of one call
  for (const StoredSpan* span : worst) {
    if (evidence.prompts.size() >= kEvidencePromptsMax) break;
    std::string text = masked_prompt(span->llm->input_json);
    if (!seen.insert(text).second) continue;
    evidence.prompts.push_back({.time_s = span->start_ns / kSecond_ns,
                                .text = std::move(text),
                                .score = score_of(*span),
                                .refused = score_of(*span) > kRefused,
                                .trace_id = query::trace_id_text(span->trace_id_high, span->trace_id_low)});
  }
}

void add_traces(Evidence& evidence, const std::vector<StoredSpan>& spans) {
  std::vector<const StoredSpan*> worst;
  for (const StoredSpan& span : spans) worst.push_back(&span);
  std::sort(worst.begin(), worst.end(), [](const auto* a, const auto* b) {
    return std::tuple(b->error, b->duration_ns, b->start_ns) < std::tuple(a->error, a->duration_ns, a->start_ns);
  });
  std::set<std::string> seen;
  for (const StoredSpan* span : worst) {
    if (evidence.traces.size() >= kEvidenceTracesMax) break;
    const std::string id = query::trace_id_text(span->trace_id_high, span->trace_id_low);
    if (!seen.insert(id).second) continue;
    evidence.traces.push_back({.trace_id = id,
                               .name = span->name,
                               .service = span->service,
                               .start_s = span->start_ns / kSecond_ns,
                               .duration_ms = static_cast<double>(span->duration_ns) / 1e6,
                               .cost_usd = span->llm ? span->llm->cost_usd.value_or(0) : 0,
                               .error = span->error});
  }
}

template <typename Less>
std::vector<EvidenceSession> most(const std::vector<query::Activity>& items, Less less) {
  std::vector<const query::Activity*> order;
  for (const query::Activity& item : items) order.push_back(&item);
  std::sort(order.begin(), order.end(), [&](const auto* a, const auto* b) {
    if (less(*b, *a) != less(*a, *b)) return less(*b, *a);
    return a->id < b->id;
  });
  std::vector<EvidenceSession> sessions;
  for (size_t i = 0; i < std::min(order.size(), kEvidenceSessionsMax); ++i) {
    sessions.push_back({.id = order[i]->id,
                        .user_id = order[i]->user_id,
                        .turns = order[i]->llm_calls,
                        .cost_usd = order[i]->cost_usd,
                        .tokens = order[i]->input_tokens + order[i]->output_tokens});
  }
  return sessions;
}

void add_sessions(Evidence& evidence, query::SpanEngine& engine, const EvidenceOf& of, const std::string& query) {
  const auto page = engine.sessions({.query = query,
                                     .from_ns = of.from_s * kSecond_ns,
                                     .to_ns = of.to_s * kSecond_ns,
                                     .limit = kEvidenceSpansMax,
                                     .llm_only = true});
  if (!page) return evidence.warnings.push_back("conversations: " + page.error().message());
  evidence.longest = most(page->items, [](const auto& a, const auto& b) { return a.llm_calls < b.llm_calls; });
  evidence.dearest = most(page->items, [](const auto& a, const auto& b) { return a.cost_usd < b.cost_usd; });
  if (page->more) evidence.warnings.push_back("conversations: only the newest " + std::to_string(kEvidenceSpansMax));
}

}  // namespace

std::string masked_prompt(std::string_view input_json) {
  boost::system::error_code failed;
  const json::value value = json::parse(input_json, failed);
  std::string text = failed ? std::string(input_json) : last_said(value);
  text = guard::redact(text, guard::find_pii(text));
  if (text.size() <= kEvidencePromptBytesMax) return text;
  size_t end = kEvidencePromptBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

Evidence find_evidence(query::SpanEngine* engine, const EvidenceOf& of) {
  Evidence evidence;
  if (engine == nullptr) {
    evidence.warnings.push_back("spans: they cannot be asked here");
    return evidence;
  }
  query::SpanSearch search{
      .from_ns = of.from_s * kSecond_ns, .to_ns = of.to_s * kSecond_ns, .limit = kEvidenceSpansMax, .with_llm = true};
  const size_t colon = of.subject.find(':');
  const bool attributed = colon != std::string::npos;
  const std::string services = services_query(of.services);
  if (attributed) {
    search.llm_only = true;
    search.llm_filter = {{of.subject.substr(0, colon), of.subject.substr(colon + 1)}};
  } else if (!services.empty()) {
    search.query = services;
  } else {
    return evidence;  // it names nobody and nothing that spans know
  }
  const auto page = engine->search(search);
  if (!page) {
    evidence.warnings.push_back("spans: " + page.error().message());
    return evidence;
  }
  if (!page->next_cursor.empty()) {
    evidence.warnings.push_back("spans: only the newest " + std::to_string(kEvidenceSpansMax));
  }
  add_prompts(evidence, page->spans);
  add_traces(evidence, page->spans);
  if (!attributed) add_sessions(evidence, *engine, of, services);
  return evidence;
}

std::string evidence_json(const Evidence& evidence) {
  const auto sessions = [](const std::vector<EvidenceSession>& list) {
    return json_list(list, [](const EvidenceSession& one) {
      std::string out;
      {
        Fields fields(out);
        fields.text("id", one.id);
        fields.text("user_id", one.user_id);
        fields.integer("turns", static_cast<int64_t>(one.turns));
        fields.number("cost_usd", one.cost_usd);
        fields.integer("tokens", static_cast<int64_t>(one.tokens));
      }
      return out;
    });
  };
  std::string out;
  {
    Fields fields(out);
    fields.key("prompts") += json_list(evidence.prompts, [](const EvidencePrompt& one) {
      std::string item;
      {
        Fields inner(item);
        inner.integer("time_s", one.time_s);
        inner.text("text", one.text);
        inner.number("score", one.score);
        inner.boolean("refused", one.refused);
        inner.text("trace_id", one.trace_id);
      }
      return item;
    });
    fields.key("traces") += json_list(evidence.traces, [](const EvidenceTrace& one) {
      std::string item;
      {
        Fields inner(item);
        inner.text("trace_id", one.trace_id);
        inner.text("name", one.name);
        inner.text("service", one.service);
        inner.integer("start_s", one.start_s);
        inner.number("duration_ms", one.duration_ms);
        inner.number("cost_usd", one.cost_usd);
        inner.boolean("error", one.error);
      }
      return item;
    });
    fields.key("longest_sessions") += sessions(evidence.longest);
    fields.key("dearest_sessions") += sessions(evidence.dearest);
    fields.texts("warnings", evidence.warnings);
  }
  return out;
}

}  // namespace godseye::api
