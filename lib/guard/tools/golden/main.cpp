// godseye-guard-golden: the scores of texts, for comparing one build with another.
//   godseye-guard-golden scores FILE.jsonl...          rows with "text" or "question", "context", "answer": adds
//   "scores" godseye-guard-golden compare OLD.jsonl NEW.jsonl    two outputs of it: how many rows differ, and by how
//   much
#include "golden.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include <simdjson.h>

namespace {

using godseye::guard::golden::difference;
using godseye::guard::golden::scores_of;

std::string text_of(simdjson::dom::element row, const char* name) {
  std::string_view text;
  return row[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\u%04x", byte);
      out += buffer;
    } else {
      out += c;
    }
  }
  return out + '"';
}

int write_scores(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::cerr << "cannot read " << path << '\n', 1;
  simdjson::dom::parser parser;
  std::string line;
  while (std::getline(file, line)) {
    simdjson::dom::element row;
    if (line.empty() || parser.parse(line).get(row) != simdjson::SUCCESS) continue;
    const std::string question = text_of(row, "question");
    const std::string context = text_of(row, "context");
    std::string text = text_of(row, "text");
    if (text.empty()) text = text_of(row, "answer");
    std::cout << "{\"text\":" << json_string(text);
    if (!question.empty()) std::cout << ",\"question\":" << json_string(question);
    if (!context.empty()) std::cout << ",\"context\":" << json_string(context);
    std::cout << ",\"scores\":" << json_string(scores_of({.text = text, .question = question, .context = context}))
              << "}\n";
  }
  return 0;
}

int compare(const std::string& old_path, const std::string& new_path) {
  std::ifstream old_file(old_path);
  std::ifstream new_file(new_path);
  simdjson::dom::parser old_parser;
  simdjson::dom::parser new_parser;
  std::string old_line;
  std::string new_line;
  size_t rows = 0;
  size_t differ = 0;
  double most = 0;
  while (std::getline(old_file, old_line) && std::getline(new_file, new_line)) {
    ++rows;
    if (old_line == new_line) continue;
    simdjson::dom::element before;
    simdjson::dom::element after;
    if (old_parser.parse(old_line).get(before) != simdjson::SUCCESS ||
        new_parser.parse(new_line).get(after) != simdjson::SUCCESS || text_of(before, "text") != text_of(after, "text"))
      return std::cerr << "row " << rows << " is not the same text\n", 1;
    const double by = difference(text_of(before, "scores"), text_of(after, "scores"));
    most = std::max(most, by);
    if (by <= 1e-6) continue;
    if (++differ <= 10)
      std::cout << "row " << rows << ": " << text_of(before, "text").substr(0, 200) << "\n-- old\n"
                << text_of(before, "scores") << "-- new\n"
                << text_of(after, "scores");
  }
  std::cout << rows << " rows, " << differ << " differ by more than 1e-6, largest difference " << most << '\n';
  return differ == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "compare" && argc == 4) return compare(argv[2], argv[3]);
  if (what == "scores" && argc > 2) {
    int status = 0;
    for (int i = 2; i < argc && status == 0; ++i) status = write_scores(argv[i]);
    return status;
  }
  std::cerr << "usage: godseye-guard-golden scores FILE.jsonl... | compare OLD.jsonl NEW.jsonl\n";
  return 2;
}
