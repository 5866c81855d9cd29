#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/query/span_engine.h>

// What spans tell of an incident or a case: the prompts of the session or user it is attributed to, the traces that
// look worst, and the conversations that were longest and dearest. Read when asked for, so it lasts as long as spans
// are kept.
namespace godseye::api {

inline constexpr size_t kEvidencePromptsMax = 10;
inline constexpr size_t kEvidenceTracesMax = 10;
inline constexpr size_t kEvidenceSessionsMax = 5;
inline constexpr size_t kEvidencePromptBytesMax = 600;
// Looked at; among more the newest.
inline constexpr size_t kEvidenceSpansMax = 300;

struct EvidenceOf {
  std::string subject;  // "session_id:x", "user_id:x"; empty: nobody
  std::vector<std::string> services;
  int64_t from_s = 0;  // Unix
  int64_t to_s = 0;
};

struct EvidencePrompt {
  int64_t time_s = 0;
  std::string text;  // of the person, personal data masked, cut
  double score = 0;  // of injection
  bool refused = false;
  std::string trace_id;
};
struct EvidenceTrace {
  std::string trace_id;
  std::string name;
  std::string service;
  int64_t start_s = 0;
  double duration_ms = 0;
  double cost_usd = 0;
  bool error = false;
};
struct EvidenceSession {
  std::string id;
  std::string user_id;
  uint64_t turns = 0;
  double cost_usd = 0;
  uint64_t tokens = 0;
};
struct Evidence {
  std::vector<EvidencePrompt> prompts;   // worst first
  std::vector<EvidenceTrace> traces;     // failed ones first, then the slowest
  std::vector<EvidenceSession> longest;  // conversations of the services by turns
  std::vector<EvidenceSession> dearest;  // by money
  std::vector<std::string> warnings;     // what could not be looked at
};

// Blocks on the engine. `engine` may be null: then there is nothing but a warning.
Evidence find_evidence(query::SpanEngine* engine, const EvidenceOf& of);
// {"prompts":[…],"traces":[…],"longest_sessions":[…],"dearest_sessions":[…],"warnings":[…]}
std::string evidence_json(const Evidence& evidence);
// The last thing a person said in a stored prompt (a JSON list of messages, an object that has one, or plain text),
// masked and cut.
std::string masked_prompt(std::string_view input_json);

}  // namespace godseye::api
