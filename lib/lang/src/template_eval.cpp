#include "template_eval.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace godseye::lang {

using base::Error;
using base::ErrorCode;
using base::Result;
using Node = EvalExpression::Node;

namespace {

struct Function {
  std::string_view name;
  size_t least;
  size_t most;
};
constexpr std::array kFunctions = {Function{"abs", 1, 1},   Function{"acos", 1, 1},
                                   Function{"asin", 1, 1},  Function{"atan", 1, 1},
                                   Function{"atan2", 2, 2}, Function{"ceil", 1, 1},
                                   Function{"cos", 1, 1},   Function{"dec", 1, 1},
                                   Function{"exp", 1, 1},   Function{"float", 1, 1},
                                   Function{"floor", 1, 1}, Function{"humanize_bits", 1, 1},
                                   Function{"int", 1, 1},   Function{"humanize_bytes", 1, 1},
                                   Function{"log10", 1, 1}, Function{"round", 1, 2},
                                   Function{"sgn", 1, 1},   Function{"sin", 1, 1},
                                   Function{"tan", 1, 1},   Function{"to_bool", 1, 1},
                                   Function{"trunc", 1, 1}};

const Function* function_of(std::string_view name) {
  const auto* found =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '['; }
bool in_name(char c) { return begins_name(c) || is_digit(c) || c == '.' || c == ']'; }

Error wrong(std::string what) { return {ErrorCode::kInvalidArgument, "eval: " + std::move(what)}; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Node> parse() {
    Result<Node> node = sum();
    if (!node) return node;
    skip();
    if (at_ < text_.size()) return wrong("expected an operator at '" + std::string(text_.substr(at_, 20)) + "'");
    return node;
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  // The operator at hand if it is one of `among`, taken; else 0.
  char take(std::string_view among) {
    skip();
    if (at_ >= text_.size() || among.find(text_[at_]) == std::string_view::npos) return 0;
    return text_[at_++];
  }
  base::Status deeper() {
    if (++nodes_ > kEvalNodesMax) return wrong("at most " + std::to_string(kEvalNodesMax) + " parts");
    if (depth_ > kEvalDepthMax) return wrong("at most " + std::to_string(kEvalDepthMax) + " levels");
    return base::ok();
  }
  static Node binary(char op, Node left, Node right) {
    Node node{.op = std::string(1, op)};
    node.arguments.push_back(std::move(left));
    node.arguments.push_back(std::move(right));
    return node;
  }

  // Left to right.
  template <typename Next>
  Result<Node> chain(std::string_view operators, Next next) {
    Result<Node> left = next();
    while (left) {
      const char op = take(operators);
      if (op == 0) break;
      if (base::Status room = deeper(); !room) return room.error();
      Result<Node> right = next();
      if (!right) return right;
      left = binary(op, *std::move(left), *std::move(right));
    }
    return left;
  }

  Result<Node> sum() {
    return chain("+-", [this] { return product(); });
  }
  Result<Node> product() {
    return chain("*/%", [this] { return power(); });
  }

  // `-2 ^ 2` is -(2 ^ 2), and powers go from the right.
  Result<Node> power() {
    const Deeper level(*this);
    if (base::Status room = deeper(); !room) return room.error();
    if (take("-") != 0) {
      Result<Node> operand = power();
      if (!operand) return operand;
      return binary('-', Node{.op = "number"}, *std::move(operand));
    }
    Result<Node> base = primary();
    if (!base || take("^") == 0) return base;
    Result<Node> exponent = power();
    if (!exponent) return exponent;
    return binary('^', *std::move(base), *std::move(exponent));
  }

  Result<Node> primary() {
    if (take("(") != 0) {
      Result<Node> inside = sum();
      if (inside && take(")") == 0) return wrong("expected ')'");
      return inside;
    }
    skip();
    if (at_ >= text_.size()) return wrong("expected a number or a variable at the end");
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (!begins_name(c))
      return wrong("expected a number or a variable at '" + std::string(text_.substr(at_, 20)) + "'");
    const size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    std::string name(text_.substr(begin, at_ - begin));
    if (take("(") == 0) {
      std::erase_if(name, [](char bracket) { return bracket == '[' || bracket == ']'; });
      return Node{.op = "variable", .name = std::move(name)};
    }
    return call(std::move(name));
  }

  Result<Node> number() {
    double value = 0;
    const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (code != std::errc()) return wrong("'" + std::string(text_.substr(at_, 20)) + "' is not a number");
    at_ = static_cast<size_t>(end - text_.data());
    return Node{.op = "number", .number = value};
  }

  Result<Node> call(std::string name) {
    const Function* function = function_of(name);
    if (function == nullptr) return wrong("there is no function " + name.substr(0, 40));
    Node node{.op = std::move(name)};
    do {
      Result<Node> argument = sum();
      if (!argument) return argument;
      node.arguments.push_back(*std::move(argument));
    } while (take(",") != 0);
    if (take(")") == 0) return wrong("expected ')' after the arguments of " + node.op);
    if (node.arguments.size() < function->least || node.arguments.size() > function->most) {
      return wrong(node.op + " takes " + std::to_string(function->least) +
                   (function->least == function->most ? "" : " to " + std::to_string(function->most)) + " arguments");
    }
    return node;
  }

  struct Deeper {
    explicit Deeper(Parser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Deeper() { --parser_.depth_; }
    Parser& parser_;
  };

  std::string_view text_;
  size_t at_ = 0;
  size_t nodes_ = 0;
  size_t depth_ = 0;
};

double value_of(const Node& node, const EvalExpression::Variable& variable) {
  const double missing = std::nan("");
  if (node.op == "number") return node.number;
  if (node.op == "variable") return variable ? variable(node.name).value_or(missing) : missing;
  const double a = value_of(node.arguments[0], variable);
  const double b = node.arguments.size() > 1 ? value_of(node.arguments[1], variable) : 0;
  switch (node.op[0]) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b == 0 ? missing : a / b;
    case '%':
      return b == 0 ? missing : std::fmod(a, b);
    case '^':
      return std::pow(a, b);
    default:
      break;
  }
  if (node.op == "abs") return std::fabs(a);
  if (node.op == "int" || node.op == "trunc") return std::trunc(a);
  if (node.op == "dec") return a - std::trunc(a);
  if (node.op == "ceil") return std::ceil(a);
  if (node.op == "floor") return std::floor(a);
  if (node.op == "sgn") return a > 0 ? 1 : a < 0 ? -1 : a;
  if (node.op == "to_bool") return std::isnan(a) ? a : a != 0 ? 1 : 0;
  if (node.op == "exp") return std::exp(a);
  if (node.op == "log10") return std::log10(a);
  if (node.op == "sin") return std::sin(a);
  if (node.op == "cos") return std::cos(a);
  if (node.op == "tan") return std::tan(a);
  if (node.op == "asin") return std::asin(a);
  if (node.op == "acos") return std::acos(a);
  if (node.op == "atan") return std::atan(a);
  if (node.op == "atan2") return std::atan2(a, b);
  if (node.op == "round") {
    const double scale = std::pow(10, std::clamp(std::trunc(b), -15.0, 15.0));
    return std::round(a * scale) / scale;
  }
  return a;  // float, and what humanizing begins with
}

std::string number_text(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

// 1536 bytes are 1.5KB: steps of 1024 for bytes, of 1000 for bits.
std::string humanized(double value, double step, std::string_view unit) {
  static constexpr std::string_view kPrefixes[] = {"", "K", "M", "G", "T", "P", "E"};
  size_t prefix = 0;
  while (std::fabs(value) >= step && prefix + 1 < std::size(kPrefixes)) {
    value /= step;
    ++prefix;
  }
  char text[40];
  std::snprintf(text, sizeof text, "%.3g", value);
  return (std::fabs(value) >= 1000 ? number_text(std::round(value)) : std::string(text)) +
         std::string(kPrefixes[prefix]) + std::string(unit);
}

}  // namespace

Result<EvalExpression> EvalExpression::parse(std::string_view text) {
  Result<Node> root = Parser(text).parse();
  if (!root) return std::move(root).error();
  EvalExpression out;
  out.root_ = *std::move(root);
  return out;
}

std::string EvalExpression::evaluate(const Variable& variable) const {
  const bool bytes = root_.op == "humanize_bytes";
  const double value = value_of(root_, variable);
  if (!std::isfinite(value)) return {};
  if (bytes || root_.op == "humanize_bits") return humanized(value, bytes ? 1024 : 1000, bytes ? "B" : "b");
  return number_text(value);
}

}  // namespace godseye::lang
