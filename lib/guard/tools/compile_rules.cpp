// Compiles rules/patterns.txt into a serialised pattern database, at build time:
//   compile_rules PATTERNS generic|avx2 OUTPUT
#include "atoms.h"

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <hs/hs.h>

namespace {

using godseye::guard::atom_by_name;
using godseye::guard::kAtomCount;

struct Patterns {
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
      const std::string body = with_white_space(part);
      // \b does not hold beside a quote or bracket: such alternatives end where they end.
      const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
      const bool open_end =
          !body.empty() && !is_word(body.back()) && body.back() != ')' && body.back() != '?' && body.back() != '}';
      out.expressions.push_back(form == "word" ? "\\b(?:" + body + (open_end ? ")" : ")\\b") : body);
      out.ids.push_back(atom);
      out.flags.push_back(0);
    }
  }
  return !out.expressions.empty();
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
    std::cerr << "usage: compile_rules PATTERNS generic|avx2 OUTPUT\n";
    return 2;
  }
  return write_database(patterns, argv[2], argv[3]);
}
