#include "answer_frames.h"

#include <algorithm>

namespace godseye::model_simulator {

namespace {

using genai::Delta;
using genai::DeltaKind;
using genai::Part;
using genai::PartKind;

constexpr size_t kPieceBytesMax = 12;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

void add_texts(DeltaKind kind, uint32_t choice, const Part& part, std::vector<Step>& steps) {
  for (const std::string_view piece : token_pieces(part.text)) {
    steps.push_back({.delta = {.kind = kind, .choice = choice, .text = piece}, .is_token = true});
  }
  if (!part.signature.empty())
    steps.push_back({.delta = {.kind = kind, .choice = choice, .signature = part.signature}});
}

void add_call(uint32_t choice, uint32_t call, const Part& part, std::vector<Step>& steps) {
  Delta first{.kind = DeltaKind::kToolCall, .choice = choice, .call = call, .id = part.id, .name = part.name};
  steps.push_back({.delta = first, .is_token = true});
  for (const std::string_view piece : token_pieces(part.text)) {
    steps.push_back(
        {.delta = {.kind = DeltaKind::kToolCall, .choice = choice, .call = call, .text = piece}, .is_token = true});
  }
}

void add_choice(uint32_t index, const genai::Choice& choice, std::vector<Step>& steps) {
  uint32_t calls = 0;
  for (const Part& part : choice.parts) {
    switch (part.kind) {
      case PartKind::kText:
        add_texts(DeltaKind::kText, index, part, steps);
        break;
      case PartKind::kReasoning:
        add_texts(DeltaKind::kReasoning, index, part, steps);
        break;
      case PartKind::kRefusal:
        add_texts(DeltaKind::kRefusal, index, part, steps);
        break;
      case PartKind::kToolCall:
        add_call(index, calls++, part, steps);
        break;
      case PartKind::kMedia:
      case PartKind::kToolResult:
        break;
    }
  }
  steps.push_back({.delta = {.kind = DeltaKind::kFinish,
                             .choice = index,
                             .stop_sequence = choice.stop_sequence,
                             .finish = choice.finish}});
}

}  // namespace

std::vector<std::string_view> token_pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = begin;
    while (end < text.size() && is_blank(text[end])) ++end;
    const size_t word = end;
    while (end < text.size() && !is_blank(text[end]) && end - word < kPieceBytesMax) ++end;
    while (end < text.size() && continues_character(text[end])) ++end;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

std::vector<Step> steps_of(const genai::ChatAnswer& answer) {
  std::vector<Step> steps;
  steps.push_back(
      {.delta = {.kind = DeltaKind::kStart, .id = answer.id, .model = answer.model, .created_s = answer.created_s}});
  // What is known before the first token; some protocols say it there.
  if (answer.usage.known()) {
    genai::Usage early = answer.usage;
    early.output = 1;
    early.reasoning = genai::kNoTokens;
    early.total = early.input + 1;
    steps.push_back({.delta = {.kind = DeltaKind::kUsage, .usage = early}});
  }
  for (size_t i = 0; i < answer.choices.size(); ++i) add_choice(static_cast<uint32_t>(i), answer.choices[i], steps);
  if (answer.usage.known()) {
    steps.push_back({.delta = {.kind = DeltaKind::kUsage, .usage = answer.usage, .times = answer.times}});
  }
  return steps;
}

}  // namespace godseye::model_simulator
