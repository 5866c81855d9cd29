#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/guard/products.h>
#include <godseye/guard/quality.h>

// JSON lines of `godseye guard quality`: answers to score, and the rows of a catalogue.
namespace godseye::app {

struct QualityRow {
  std::string question;
  std::string context;
  std::string answer;
  std::string finish_reason;
  std::string model;    // for the token count
  std::string service;  // for the length history and drift
  guard::Engagement engagement;
  bool has_engagement = false;
};

// {"answer", "question"?, "context"?, "finish_reason"?, "model"?, "service"?,
//  "engagement"?: {"shown"?, "clicked"?, "converted"?, "rating"?}}. A context may be a list of texts.
// kInvalidArgument says what is missing or wrong.
base::Result<QualityRow> parse_quality_row(std::string_view line);

// {"id", "name", "brand"?, "price"?, "currency"?, "attributes"?: {name: text}, "stock"?}; a number may be written as
// text.
base::Result<guard::Product> parse_product_row(std::string_view line);
// A file of such lines; the error names file and line.
base::Result<std::vector<guard::Product>> read_catalogue_file(const std::string& path);

}  // namespace godseye::app
