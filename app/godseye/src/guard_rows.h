#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// JSON lines of the guard commands.
namespace godseye::app {

struct GuardSpan {
  std::string type;
  size_t start = 0;  // UTF-8 bytes
  size_t end = 0;
};

struct GuardRow {
  std::string text;
  std::string source;  // of the text: user, document, tool; or a data set's name in labelled files
  std::string session;
  std::string label;  // injection, benign, or empty
  std::string kind;
  std::string split;
  std::vector<std::string> disguise;
  std::vector<GuardSpan> spans;
  bool has_spans = false;
};

// kInvalidArgument says what is missing or wrong.
base::Result<GuardRow> parse_guard_row(std::string_view line);

// A file of JSON lines; `plain` also takes lines that are no JSON as texts. The error names file and line.
base::Result<std::vector<GuardRow>> read_guard_file(const std::string& path, bool plain);

}  // namespace godseye::app
