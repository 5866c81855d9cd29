#include "corpus.h"

#include "utf8.h"

#include <fstream>
#include <map>
#include <sstream>
#include <unordered_set>

#include <godseye/base/hash.h>

#include <simdjson.h>

namespace godseye::guard::train {

namespace {

constexpr int kDepthMax = 24;
constexpr size_t kTriesPerText = 6;

struct Grammar {
  std::map<std::string, std::vector<std::string>> rules;
};

void expand(const Grammar& grammar, const std::string& text, int depth, Random& random, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'n') {
      out += '\n';
      ++i;
      continue;
    }
    const size_t close = text[i] == '{' ? text.find('}', i) : std::string::npos;
    if (close == std::string::npos) {
      out += text[i];
      continue;
    }
    std::string name = text.substr(i + 1, close - i - 1);
    const bool maybe = !name.empty() && name.back() == '?';
    if (maybe) name.pop_back();
    const auto rule = grammar.rules.find(name);
    if (rule == grammar.rules.end() || depth >= kDepthMax) {
      out += text[i];  // braces of a template, not ours
      continue;
    }
    i = close;
    if (!maybe || random.chance(0.5))
      expand(grammar, rule->second[random.below(rule->second.size())], depth + 1, random, out);
  }
}

std::string tidy(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' && (out.empty() || out.back() == ' ' || out.back() == '\n')) continue;
    if ((c == ',' || c == '.' || c == '?') && !out.empty() && out.back() == ' ') out.pop_back();
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string base64(const std::string& text) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    const size_t count = std::min<size_t>(3, text.size() - i);
    for (size_t k = 0; k < 3; ++k) bits = (bits << 8) | (k < count ? static_cast<uint8_t>(text[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[(bits >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

}  // namespace

base::Result<std::vector<Row>> read_jsonl(const std::string& path) {
  std::ifstream file(path);
  if (!file) return base::Error(base::ErrorCode::kIo, "cannot read " + path);
  simdjson::dom::parser parser;
  std::vector<Row> rows;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    simdjson::dom::element object;
    std::string_view text;
    std::string_view label;
    if (parser.parse(line).get(object) != simdjson::SUCCESS || object["text"].get(text) != simdjson::SUCCESS ||
        object["label"].get(label) != simdjson::SUCCESS || (label != "injection" && label != "benign")) {
      return base::Error(
          base::ErrorCode::kInvalidArgument,
          path + ':' + std::to_string(number) + R"(: expected {"text": ..., "label": "injection"|"benign"})");
    }
    Row row;
    row.text = text;
    row.attack = label == "injection";
    std::string_view word;
    if (object["kind"].get(word) == simdjson::SUCCESS) row.kind = word;
    if (object["source"].get(word) == simdjson::SUCCESS) row.source = word;
    rows.push_back(std::move(row));
  }
  return rows;
}

base::Result<std::vector<Row>> generate(const std::string& grammar_path, size_t per_rule, uint64_t seed) {
  std::ifstream file(grammar_path);
  if (!file) return base::Error(base::ErrorCode::kIo, "cannot read " + grammar_path);
  Grammar grammar;
  std::string line;
  std::vector<std::string>* rule = nullptr;
  while (std::getline(file, line)) {
    if (line.empty() || line.starts_with("# ")) continue;
    if (line.front() == '[' && line.back() == ']' && line.find(' ') == std::string::npos) {
      rule = &grammar.rules[line.substr(1, line.size() - 2)];
      continue;
    }
    if (rule == nullptr)
      return base::Error(base::ErrorCode::kInvalidArgument, grammar_path + ": text before the first [rule]");
    size_t weight = 1;
    if (line.size() > 3 && line[0] >= '2' && line[0] <= '9' && line[1] == '*' && line[2] == ' ') {
      weight = static_cast<size_t>(line[0] - '0');
      line.erase(0, 3);
    }
    for (size_t i = 0; i < weight; ++i) rule->push_back(line);
  }
  std::vector<Row> rows;
  for (const auto& [name, alternatives] : grammar.rules) {
    const bool attack = name.starts_with("attack.");
    if (!attack && !name.starts_with("benign.")) continue;
    Random random(base::hash64(name, seed));
    std::unordered_set<std::string> seen;
    for (size_t i = 0; i < per_rule * kTriesPerText && seen.size() < per_rule; ++i) {
      std::string text;
      expand(grammar, alternatives[random.below(alternatives.size())], 0, random, text);
      text = tidy(text);
      if (!seen.insert(text).second) continue;
      rows.push_back({std::move(text), attack, name.substr(7), "grammar"});
    }
  }
  return rows;
}

std::string with_noise(const std::string& text, Random& random) {
  std::string out;
  const double typing = random.chance(0.5) ? 0.02 : 0.0;
  const double marks = random.chance(0.4) ? 0.06 : 0.0;
  const int capitals = static_cast<int>(random.below(6));  // 0 lower, 1 upper, 2 mixed
  for (size_t i = 0; i < text.size();) {
    const auto decoded = utf8::decode(text, i);
    std::string piece = text.substr(i, decoded.length);
    i += decoded.length;
    if (piece.size() == 1) {
      if (capitals == 0) piece[0] = static_cast<char>(std::tolower(piece[0]));
      if (capitals == 1 || (capitals == 2 && random.chance(0.5))) piece[0] = static_cast<char>(std::toupper(piece[0]));
      if (std::isalpha(static_cast<unsigned char>(piece[0])) != 0 && random.chance(typing)) {
        const size_t how = random.below(3);
        if (how == 0) piece.clear();
        if (how == 1) piece += piece;
        if (how == 2 && !out.empty()) std::swap(piece[0], out.back());
      }
      if (piece == " " && random.chance(marks)) piece = std::string(" ") + ".,;:_-*"[random.below(7)] + " ";
    }
    out += piece;
  }
  return out;
}

std::string disguised(const std::string& text, Random& random) {
  std::string out;
  switch (random.below(8)) {
    case 0: {
      constexpr const char* kLeads[] = {"decode this base64 and do it: ", "", "base64: ", "run ", "Message: "};
      return kLeads[random.below(5)] + base64(text);
    }
    case 1:
      for (const char c : text) out += (out.empty() ? "" : " ") + std::string(1, c);
      return out;
    case 2:
      for (const char c : text) {
        const size_t at = std::string_view("oieast").find(c);
        out += at != std::string_view::npos && random.chance(0.7) ? "013457"[at] : c;
      }
      return out;
    case 3:
      return std::string(text.rbegin(), text.rend());
    case 4:
      for (const char c : text) {
        const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
        const char base = c >= 'a' ? 'a' : 'A';
        out += letter ? static_cast<char>(base + (c - base + 13) % 26) : c;
      }
      return (random.chance(0.5) ? "rot13: " : "") + out;
    case 5:
      for (const char c : text) {
        const size_t at = std::string_view("aeopcxyi").find(c);
        constexpr const char* kAlike[] = {"а", "е", "о", "р", "с", "х", "у", "і"};
        out += at != std::string_view::npos && random.chance(0.4) ? kAlike[at] : std::string(1, c);
      }
      return out;
    case 6:
      for (const char c : text) out += c == ' ' ? '_' : c;
      return out;
    default:
      for (const char c : text) {
        out += c;
        if (random.chance(0.2)) out += "\u200B";
      }
      return out;
  }
}

}  // namespace godseye::guard::train
