#include "prompt_guards.h"

#include "redact_json.h"
#include "scored_texts.h"
#include "session_memory.h"

#include <algorithm>
#include <array>

#include <godseye/guard/pii_memory.h>

namespace godseye::gateway {

namespace {

constexpr size_t kPieceBytes = 32u << 10;  // of a long text, between two looks at the clock
constexpr size_t kPieceOverlap = 512;      // an attack must not hide in the cut
constexpr size_t kMemoryTextMax = 64u << 10;

bool is_answer(genai::Origin origin) {
  return origin == genai::Origin::kAssistant || origin == genai::Origin::kReasoning ||
         origin == genai::Origin::kToolArguments;
}

// Not inside a character.
size_t boundary(std::string_view text, size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

constexpr std::array<int8_t, 256> base64_values() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  }
  values['-'] = 62;
  values['_'] = 63;
  for (const char blank : {' ', '\n', '\r', '\t', '='}) values[static_cast<unsigned char>(blank)] = -2;
  return values;
}

}  // namespace

uint32_t first_new_message(const genai::RequestFacts& facts) {
  uint32_t newest = 0;  // message that others wrote
  for (const genai::RequestText& text : facts.texts) {
    if (!is_answer(text.origin) && text.origin != genai::Origin::kSystem &&
        text.origin != genai::Origin::kToolDefinition) {
      newest = std::max(newest, text.message);
    }
  }
  for (const genai::RequestImage& image : facts.images) {
    if (!is_answer(image.origin)) newest = std::max(newest, image.message);
  }
  uint32_t first = 0;
  for (const genai::RequestText& text : facts.texts) {
    if (is_answer(text.origin) && text.message < newest) first = std::max(first, text.message + 1);
  }
  return first;
}

bool is_guarded(genai::Origin origin) {
  return origin == genai::Origin::kUser || origin == genai::Origin::kDocument || origin == genai::Origin::kToolResult ||
         origin == genai::Origin::kOther;
}

guard::Source source_of(genai::Origin origin) {
  if (origin == genai::Origin::kDocument) return guard::Source::kDocument;
  if (origin == genai::Origin::kToolResult) return guard::Source::kTool;
  return guard::Source::kUser;
}

std::vector<GuardedText> texts_to_score(const genai::RequestFacts& facts, const ScoredTexts& known, double refuse) {
  std::vector<GuardedText> out;
  const uint32_t first = first_new_message(facts);
  for (const genai::RequestText& text : facts.texts) {
    if (!is_guarded(text.origin) || text.text.empty()) continue;
    const guard::Source source = source_of(text.origin);
    const bool is_new = text.message >= first;
    if (!is_new) {
      const std::optional<double> score = known.find(source, text.text);
      if (score && *score <= refuse) continue;
    }
    out.push_back({source, text.text, is_new});
  }
  return out;
}

InjectionFinding score_injection(const guard::InjectScorer& scorer, SessionMemory* memory, std::string_view session,
                                 const std::vector<GuardedText>& texts, ScoredTexts& known, const base::Clock& clock,
                                 base::TickTime deadline) {
  InjectionFinding finding;
  const auto take = [&](guard::InjectScore score, std::string_view text) {
    if (score.score <= finding.score) return;
    finding.score = score.score;
    finding.reasons = std::move(score.reasons);
    finding.sample = text;
  };
  for (const GuardedText& text : texts) {
    const bool is_turn = text.is_new && text.source == guard::Source::kUser && memory != nullptr;
    if (is_turn && text.text.size() <= kMemoryTextMax) {
      guard::InjectScore score = memory->score_turn(session, scorer, text.text);
      known.put(text.source, text.text, score.score);
      take(std::move(score), text.text);
      continue;
    }
    double highest = 0;
    for (size_t begin = 0; begin < text.text.size();) {
      const size_t end = boundary(text.text, std::min(text.text.size(), begin + kPieceBytes));
      const std::string_view piece = text.text.substr(begin, end - begin);
      guard::InjectScore score = scorer.score(piece, text.source);
      highest = std::max(highest, score.score);
      take(std::move(score), piece);
      if (end >= text.text.size() || end <= begin) break;
      if (clock.tick() > deadline) {
        finding.late = true;
        return finding;
      }
      begin = boundary(text.text, end - kPieceOverlap);
    }
    known.put(text.source, text.text, highest);
  }
  return finding;
}

PiiFinding find_prompt_pii(const genai::RequestFacts& facts, bool with_replacements) {
  PiiFinding out;
  const uint32_t first = first_new_message(facts);
  for (const genai::RequestText& text : facts.texts) {
    const bool is_new = text.message >= first && is_guarded(text.origin);
    if (text.origin == genai::Origin::kToolDefinition || (!is_new && !with_replacements)) continue;
    if (text.origin == genai::Origin::kToolArguments && with_replacements && text.text.starts_with('{')) {
      int64_t count = 0;
      std::optional<std::string> redacted = redact_json(text.text, count);
      if (redacted && count > 0 && text.end > text.begin) {
        out.replacements.push_back({.begin = text.begin, .end = text.end, .text = *std::move(redacted)});
      }
      if (redacted) continue;
    }
    const std::vector<guard::PiiEntity> entities = guard::PiiMemory::shared().find(text.text);
    if (is_new) out.count += static_cast<int64_t>(entities.size());
    if (with_replacements && !entities.empty() && text.end > text.begin) {
      out.replacements.push_back({.begin = text.begin, .end = text.end, .text = guard::redact(text.text, entities)});
    }
  }
  return out;
}

bool decode_base64(std::string_view text, std::string& out) {
  static constexpr std::array<int8_t, 256> kValues = base64_values();
  out.clear();
  out.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == -2) continue;
    if (value < 0) return false;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    if ((held += 6) < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> held) & 0xFF);
  }
  return true;
}

ImageFinding inspect_structure(std::string_view bytes, const guard::InjectScorer& scorer) {
  guard::ImageOptions options;
  options.score_text = [&scorer](std::string_view text) { return scorer.score(text, guard::Source::kDocument).score; };
  const guard::ImageReport report = guard::inspect_image(bytes, options);
  return {.verdict = report.verdict, .kind = std::string(report.kind)};
}

std::string image_metric(const ImageFinding& finding, std::string_view user, std::string_view service) {
  // Contracts, rule 7: bombs, floods and size lies in one, every other kind in the other.
  const std::string_view kind = finding.kind;
  const bool bomb = kind.find("bomb") != std::string_view::npos || kind.find("flood") != std::string_view::npos ||
                    kind == "size_lie" || kind == "huge_dimensions" || kind == "decode_limit";
  const auto tag = [](std::string_view value) {
    std::string out(value.substr(0, 200));
    for (char& c : out) {
      if (c == ',' || c == '|' || c == '\n' || c == '#') c = '_';
    }
    return out;
  };
  std::string line = bomb ? "tryon.security.decompression_bomb:1|c|#kind:" : "tryon.security.invalid_image:1|c|#kind:";
  line += tag(kind) + ",source:gateway,service:" + tag(service);
  if (!user.empty()) line += ",user_id:" + tag(user);
  return line;
}

}  // namespace godseye::gateway
