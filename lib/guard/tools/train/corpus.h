#pragma once

#include "random.h"

#include <string>
#include <vector>

#include <godseye/base/result.h>

// Training rows: read from JSONL ({"text", "label": "injection"|"benign", "kind", "source"}), or generated from
// training/grammar.txt, or made from other rows by noise and disguises.
namespace godseye::guard::train {

struct Row {
  std::string text;
  bool attack = false;
  std::string kind;
  std::string source;
};

base::Result<std::vector<Row>> read_jsonl(const std::string& path);

// The grammar: `[name]` opens a rule, each further line is an alternative (`3* text` counts three times), `{name}`
// expands a rule, `{name?}` every second time, `\n` is a line feed. Rules named attack.KIND and benign.KIND are the
// starting points. Returns up to `per_rule` different texts of each, source "grammar".
base::Result<std::vector<Row>> generate(const std::string& grammar_path, size_t per_rule, uint64_t seed);

// A noisy copy: typing errors, stray punctuation, capitals; for attacks and harmless texts alike.
std::string with_noise(const std::string& text, Random& random);
// A disguised copy, as the views undo it (base64, spacing, leetspeak, reversal, look-alikes, ...).
std::string disguised(const std::string& text, Random& random);

}  // namespace godseye::guard::train
