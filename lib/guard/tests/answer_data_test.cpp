// The hand-written data of data/: questions, contexts and answers; answers that name products.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <godseye/guard/evaluate.h>
#include <godseye/guard/products.h>
#include <godseye/guard/quality.h>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace godseye::guard {
namespace {

template <typename Each>
void each_row(const std::string& name, Each each) {
  std::ifstream file(std::string(GE_GUARD_DATA "/") + name);
  ASSERT_TRUE(file.good()) << name;
  simdjson::dom::parser parser;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    simdjson::dom::element row;
    ASSERT_EQ(parser.parse(line).get(row), simdjson::SUCCESS) << name << ':' << number;
    each(row);
  }
}

std::string text_of(simdjson::dom::element row, const char* name) {
  std::string_view text;
  return row[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// The half by questions that no weight was fitted on.
TEST(AnswerData, QualitySeparatesTheHalfItWasNotFittedOn) {
  size_t rows = 0;
  std::vector<LabelledScore> scores;
  each_row("answers.jsonl", [&](simdjson::dom::element row) {
    ++rows;
    if (text_of(row, "split") != "report") return;
    const std::string question = text_of(row, "question");
    const std::string context = text_of(row, "context");
    const std::string answer = text_of(row, "answer");
    const QualityScore scored = score_quality({.question = question, .context = context, .answer = answer});
    scores.push_back({1 - scored.score, text_of(row, "label") == "bad"});
  });
  EXPECT_GE(rows, 300u);
  EXPECT_GE(auroc(scores), 0.9);
}

TEST(AnswerData, ProductsAreJudgedAsLabelled) {
  std::vector<Product> products;
  each_row("products.jsonl", [&](simdjson::dom::element row) {
    Product product{
        text_of(row, "id"), text_of(row, "name"), text_of(row, "brand"), {}, text_of(row, "currency"), {}, {}};
    product.price = static_cast<double>(row["price"]);
    product.stock = static_cast<int64_t>(row["stock"]);
    products.push_back(std::move(product));
  });
  auto built = Catalogue::build(std::move(products));
  ASSERT_TRUE(built);
  each_row("product_answers.jsonl", [&](simdjson::dom::element row) {
    const std::string answer = text_of(row, "answer");
    const ProductFindings found = (*built)->check(answer);
    EXPECT_EQ(found.invalid, static_cast<uint64_t>(row["invalid"])) << answer;
    EXPECT_EQ(found.wrong_price, static_cast<uint64_t>(row["wrong_price"])) << answer;
    EXPECT_EQ(found.wrong_stock, static_cast<uint64_t>(row["wrong_stock"])) << answer;
  });
}

}  // namespace
}  // namespace godseye::guard
