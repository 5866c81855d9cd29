// Compiles rules/patterns.txt at build time, into a serialised pattern database or the list of plain words that the
// matcher looks up by itself:
//   compile_rules PATTERNS generic|avx2|words OUTPUT
// Small alternatives within a pattern are written out ("(do|did) not" as two patterns): literals cost the database a
// look-up where they occur, anything else an automaton. The matches are the same.
#include "atoms.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <hs/hs.h>

namespace {

using godseye::guard::atom_by_name;
using godseye::guard::kAtomCount;
using godseye::guard::kPlainWordMax;

constexpr size_t kWrittenOutMax = 16;  // patterns made of one

struct Patterns {
  std::vector<std::pair<std::string, unsigned>> words;  // lower case, up to kPlainWordMax letters; atom
  std::vector<std::string> expressions;
  std::vector<unsigned> ids;
  std::vector<unsigned> flags;
};

// A space in a pattern means any white space; spaces in brackets are left alone.
std::string with_white_space(const std::string& pattern) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      out += c;
      out += pattern[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == ' ' && !in_class) {
      out += "\\s";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> split_alternatives(const std::string& line) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool in_class = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size()) {
      parts.back() += c;
      parts.back() += line[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (!in_class && c == '(') ++depth;
    if (!in_class && c == ')') --depth;
    if (c == '|' && depth == 0 && !in_class) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// The end of the group that begins at `at`, behind its bracket.
size_t group_end(const std::string& text, size_t at) {
  int depth = 0;
  bool in_class = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
      continue;
    }
    if (text[at] == '[') in_class = true;
    if (text[at] == ']') in_class = false;
    if (in_class) continue;
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
  return text.size();
}

// All that `pattern` stands for, with brackets for alternatives and `?` written out. Empty when that is too much, or
// when something is repeated.
std::optional<std::vector<std::string>> written_out(const std::string& pattern) {
  std::vector<std::string> out(1);
  for (size_t i = 0; i < pattern.size();) {
    std::vector<std::string> items;
    if (pattern[i] == '(') {
      const size_t end = group_end(pattern, i);
      for (const std::string& part : split_alternatives(pattern.substr(i + 1, end - i - 2))) {
        const auto inner = written_out(part);
        if (!inner) return std::nullopt;
        items.insert(items.end(), inner->begin(), inner->end());
      }
      i = end;
    } else {
      const size_t size = pattern[i] == '\\' ? 2 : pattern[i] == '[' ? pattern.find(']', i + 1) + 1 - i : 1;
      items.push_back(pattern.substr(i, size));
      i += size;
    }
    if (i < pattern.size() && pattern[i] == '?') {
      items.emplace_back();
      ++i;
    } else if (i < pattern.size() && (pattern[i] == '*' || pattern[i] == '+')) {
      return std::nullopt;
    } else if (i < pattern.size() && pattern[i] == '{') {
      if (items.size() > 1) return std::nullopt;
      const size_t end = pattern.find('}', i) + 1;
      items[0] += pattern.substr(i, end - i);
      i = end;
    }
    std::vector<std::string> longer;
    for (const std::string& begin : out) {
      for (const std::string& item : items) longer.push_back(begin + item);
    }
    if (longer.size() > kWrittenOutMax) return std::nullopt;
    out = std::move(longer);
  }
  return out;
}

bool is_plain_word(const std::string& text) {
  return !text.empty() && text.size() <= kPlainWordMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

void add_pattern(const std::string& pattern, bool word, unsigned atom, Patterns& out) {
  // \b does not hold beside a quote or bracket: such alternatives end where they end.
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  const std::string whole = with_white_space(pattern);
  const char last = whole.empty() ? 'a' : whole.back();
  const bool open_end = !is_word(last) && last != ')' && last != '?' && last != '}';
  std::vector<std::string> parts = written_out(pattern).value_or(std::vector{pattern});
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) parts = {pattern};
  for (const std::string& part : parts) {
    if (word && !open_end && is_plain_word(part)) {
      out.words.emplace_back(part, atom);
      continue;
    }
    const std::string body = with_white_space(part);
    out.expressions.push_back(word ? "\\b(?:" + body + (open_end ? ")" : ")\\b") : body);
    out.ids.push_back(atom);
    out.flags.push_back(0);
  }
}

bool read_patterns(const char* path, Patterns& out) {
  std::ifstream file(path);
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.find(' ');
    const size_t colon = line.find(": ");
    if (space == std::string::npos || colon == std::string::npos || space > colon) {
      std::cerr << path << ':' << number << ": expected `word|raw ATOM: a|b`\n";
      return false;
    }
    const std::string form = line.substr(0, space);
    std::string name = line.substr(space + 1, colon - space - 1);
    while (!name.empty() && name.front() == ' ') name.erase(0, 1);
    const auto atom = atom_by_name(name);
    if (atom == kAtomCount || (form != "word" && form != "raw")) {
      std::cerr << path << ':' << number << ": unknown atom or form `" << form << ' ' << name << "`\n";
      return false;
    }
    for (const std::string& part : split_alternatives(line.substr(colon + 2))) {
      add_pattern(part, form == "word", static_cast<unsigned>(atom), out);
    }
  }
  return !out.expressions.empty();
}

// One a line: "word atom", the atom as a number.
int write_words(Patterns patterns, const char* path) {
  std::sort(patterns.words.begin(), patterns.words.end());
  patterns.words.erase(std::unique(patterns.words.begin(), patterns.words.end()), patterns.words.end());
  std::ofstream out(path, std::ios::binary);
  for (const auto& [word, atom] : patterns.words) out << word << ' ' << atom << '\n';
  return out.flush() ? 0 : 1;
}

int write_database(const Patterns& patterns, const std::string& platform_name, const char* path) {
  hs_platform_info_t platform{};
  if (platform_name == "avx2") {
    platform.tune = HS_TUNE_FAMILY_HSW;
    platform.cpu_features = HS_CPU_FEATURES_AVX2;
  }
  std::vector<const char*> expressions;
  for (const std::string& expression : patterns.expressions) expressions.push_back(expression.c_str());
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), patterns.flags.data(), patterns.ids.data(),
                       static_cast<unsigned>(expressions.size()), HS_MODE_BLOCK, &platform, &database,
                       &error) != HS_SUCCESS) {
    std::cerr << "cannot compile "
              << (error->expression >= 0 ? patterns.expressions[static_cast<size_t>(error->expression)] : "the rules")
              << ": " << error->message << '\n';
    return 1;
  }
  char* bytes = nullptr;
  size_t size = 0;
  if (hs_serialize_database(database, &bytes, &size) != HS_SUCCESS) return 1;
  std::ofstream(path, std::ios::binary).write(bytes, static_cast<std::streamsize>(size));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Patterns patterns;
  if (argc != 4 || !read_patterns(argv[1], patterns)) {
    std::cerr << "usage: compile_rules PATTERNS generic|avx2|words OUTPUT\n";
    return 2;
  }
  if (std::string(argv[2]) == "words") return write_words(std::move(patterns), argv[3]);
  return write_database(patterns, argv[2], argv[3]);
}
