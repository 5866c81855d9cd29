#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/genai/chat.h>

// What a conversation gives to answer from: the question, sentences that may hold the answer, products. Read once per
// request; views point into the request.
namespace godseye::simulator {

inline constexpr size_t kSeenProductsMax = 2000;

struct SeenProduct {
  std::string id;
  std::string name;
  std::string details;  // everything else that describes it, for choosing and for one sentence
  std::optional<double> price;
  std::string currency;
  bool in_stock = true;
  bool from_tool = false;  // in a result that answers the question
  bool operator==(const SeenProduct&) const = default;
};

enum class FactSource : uint8_t { kSystem, kDocument, kTool, kSaid };

struct Fact {
  std::string text;
  FactSource source = FactSource::kDocument;
};

struct Context {
  std::string question;
  std::string system;  // all of it
  std::vector<Fact> facts;
  std::vector<SeenProduct> products;
  std::vector<std::string_view> tools_used;  // names of the results that answer the question
  size_t media = 0;                          // in the last user message
};

Context read_context(const genai::ChatRequest& request);

// Products in JSON inside `text` (objects with a name and an id or a price), then in its lines that carry a price.
// Adds up to kSeenProductsMax.
void find_products(std::string_view text, std::vector<SeenProduct>& into);

}  // namespace godseye::simulator
