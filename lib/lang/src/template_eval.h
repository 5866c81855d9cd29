#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// `{{eval "value * 100"}}` (spec queries.md 9): + - * / % ^, parentheses, numbers, variables and the functions listed
// in template_eval.cpp. Pure; parsed once, evaluated at each rendering.
namespace godseye::lang {

inline constexpr size_t kEvalDepthMax = 32;
inline constexpr size_t kEvalNodesMax = 200;

class EvalExpression {
 public:
  // Sentences without a position ("expected ')'"): the caller knows where the expression stands.
  static base::Result<EvalExpression> parse(std::string_view text);

  // The number of a variable, or nothing when it is none.
  using Variable = std::function<std::optional<double>(std::string_view name)>;
  // As text; empty when a variable has no number or the result is none (division by zero).
  std::string evaluate(const Variable& variable) const;

  struct Node {
    std::string op;     // "number", "variable", an operator, or the name of a function
    double number = 0;  // "number"; round's places are a node
    std::string name;   // "variable"
    std::vector<Node> arguments;
  };

 private:
  Node root_;
};

}  // namespace godseye::lang
