#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

// `godseye guard …`: the guard on the command line. JSON lines in, JSON lines out in the same order; a line that cannot
// be read yields {"error": …} in its place and exit status 1 at the end, so that nothing shifts.
//
//   score      {"text", "source"?: user|document|tool, "session"?} -> {"score","label","reasons"}
//   pii        {"text"} -> {"entities":[{"type","start","end","score"}]}, offsets in UTF-8 bytes
//   quality    {"answer", "question"?, "context"?, …} -> {"score","parts","reasons",…,"grounding"[,"products","tokens",
//              "drift"]}: see guard_quality_rows.h
//   calibrate  harmless texts of one's own -> thresholds at false-positive rates, and the recall they cost
//   image      files -> {"file","verdict","kind","format","reasons",…} a line each, in the order given; with --decode
//              also "decode": what the sandboxed decoder found
//   eval       labelled texts -> table by kind and source, ROC as SVG; rows with "spans" -> table of personal data
namespace godseye::app {

struct GuardOptions {
  std::string model;        // empty: the shipped one
  std::string benign_file;  // calibrate
  std::string attack_file;  // calibrate, optional
  std::string eval_file;
  std::string svg_file = "guard-roc.svg";
  std::vector<std::string> texts;  // score, pii: texts instead of lines
  std::vector<std::string> image_files;
  std::string question;  // quality: one answer instead of lines
  std::string context;
  std::string answer;
  std::string catalogue_file;  // quality: products to hold the answers against
  bool json = false;           // quality: JSON for the one answer as well
  bool decode = false;         // image: also decode in the sandboxed child
  bool redact = false;
  int bootstrap_rounds = 200;
  uint64_t seed = 1;
};

// Limits: lines of at most kGuardLineBytesMax bytes, memory of the last kGuardSessionsMax sessions.
inline constexpr size_t kGuardLineBytesMax = 32 * 1024 * 1024;
inline constexpr size_t kGuardSessionsMax = 10'000;

int guard_score(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
int guard_pii(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
int guard_quality(const GuardOptions& options, std::istream& in, std::ostream& out, std::ostream& err);
int guard_image(const GuardOptions& options, std::ostream& out);
int guard_calibrate(const GuardOptions& options, std::ostream& out, std::ostream& err);
int guard_eval(const GuardOptions& options, std::ostream& out, std::ostream& err);

}  // namespace godseye::app
