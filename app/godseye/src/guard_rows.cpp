#include "guard_rows.h"

#include <fstream>

#include <simdjson.h>

namespace godseye::app {

namespace {

base::Error wrong(std::string_view what) { return base::Error(base::ErrorCode::kInvalidArgument, std::string(what)); }

void read_spans(const simdjson::dom::object& object, GuardRow& row) {
  simdjson::dom::array spans;
  if (object["spans"].get(spans) != simdjson::SUCCESS) return;
  row.has_spans = true;
  for (const simdjson::dom::element span : spans) {
    GuardSpan out;
    std::string_view type;
    uint64_t start = 0;
    uint64_t end = 0;
    if (span["type"].get(type) != simdjson::SUCCESS) continue;
    // Data sets give bytes as bstart and bend beside code points.
    if (span["bstart"].get(start) != simdjson::SUCCESS && span["start"].get(start) != simdjson::SUCCESS) continue;
    if (span["bend"].get(end) != simdjson::SUCCESS && span["end"].get(end) != simdjson::SUCCESS) continue;
    out.type = type;
    out.start = start;
    out.end = end;
    row.spans.push_back(std::move(out));
  }
}

}  // namespace

base::Result<GuardRow> parse_guard_row(std::string_view line) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element element;
  const simdjson::padded_string padded(line);
  if (const auto error = parser.parse(padded).get(element))
    return wrong(std::string("not JSON: ") + simdjson::error_message(error));
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return wrong("not a JSON object");
  GuardRow row;
  std::string_view word;
  if (object["text"].get(word) != simdjson::SUCCESS) return wrong("\"text\" is missing or not a string");
  row.text = word;
  const auto take = [&](const char* name, std::string& out) {
    if (object[name].get(word) == simdjson::SUCCESS) out = word;
  };
  take("source", row.source);
  take("session", row.session);
  take("label", row.label);
  take("kind", row.kind);
  take("split", row.split);
  simdjson::dom::array disguise;
  if (object["tech"].get(disguise) == simdjson::SUCCESS) {
    for (const simdjson::dom::element name : disguise) {
      if (name.get(word) == simdjson::SUCCESS) row.disguise.emplace_back(word);
    }
  }
  read_spans(object, row);
  return row;
}

base::Result<std::vector<GuardRow>> read_guard_file(const std::string& path, bool plain) {
  std::ifstream file(path);
  if (!file) return base::Error(base::ErrorCode::kIo, "cannot read " + path);
  std::vector<GuardRow> rows;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    base::Result<GuardRow> row = parse_guard_row(line);
    if (!row && plain && line.front() != '{') {
      GuardRow text;
      text.text = line;
      rows.push_back(std::move(text));
      continue;
    }
    if (!row) return std::move(row).error().within(path + ':' + std::to_string(number));
    rows.push_back(*std::move(row));
  }
  if (rows.empty()) return wrong(path + " has no texts");
  return rows;
}

}  // namespace godseye::app
