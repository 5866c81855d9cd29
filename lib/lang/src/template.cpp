#include "template_eval.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <deque>

#include <godseye/base/html_text.h>
#include <godseye/lang/template.h>

namespace godseye::lang {

using base::Error;
using base::ErrorCode;

namespace {

struct Node {
  enum class Kind : uint8_t { kText, kVariable, kRawVariable, kBlock, kPriority, kEval, kLocalTime };
  Kind kind = Kind::kText;
  std::string text;                    // kText: literal; variables: the name; kBlock: the condition's name
  bool negated = false;                // kBlock
  std::vector<std::string> arguments;  // kBlock; kLocalTime: variable and time zone
  std::optional<EvalExpression> eval;  // kEval
  int priority = 0;                    // kPriority
  std::vector<Node> children;          // kBlock: when true
  std::vector<Node> otherwise;         // kBlock: when false
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// `[a.b].name` → `a.b.name`; the rest as it is.
std::string variable_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c != '[' && c != ']') name += c;
  }
  return name;
}

// Words separated by blanks; quoted ones keep theirs.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  size_t i = 0;
  while (i < text.size()) {
    if (is_space(text[i])) {
      ++i;
    } else if (text[i] == '"' || text[i] == '\'') {
      const size_t end = std::min(text.find(text[i], i + 1), text.size());
      words.emplace_back(text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      const size_t start = i;
      while (i < text.size() && !is_space(text[i])) ++i;
      words.emplace_back(text.substr(start, i - start));
    }
  }
  return words;
}

bool takes_arguments(std::string_view condition) {
  return condition == "is_match" || condition == "is_exact_match" || condition == "is_priority";
}

// `P1` → 1; 0 when it is none.
int priority_of(std::string_view text) {
  return text.size() == 2 && (text[0] == 'P' || text[0] == 'p') && text[1] >= '1' && text[1] <= '5' ? text[1] - '0' : 0;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<std::vector<Node>> parse() {
    // The open blocks, outermost first; a deque keeps references to its elements valid.
    std::vector<Node> top;
    open_.push_back({.into = &top, .at = 0});
    while (at_ < text_.size()) {
      const size_t brace = std::min(text_.find("{{", at_), text_.size());
      add_text(text_.substr(at_, brace - at_));
      at_ = brace;
      if (at_ >= text_.size()) break;
      if (base::Status status = tag(); !status) return status.error();
      if (nodes_ > kTemplateNodesMax) {
        return Error(ErrorCode::kTooLarge,
                     "a message has at most " + std::to_string(kTemplateNodesMax) + " parts between braces");
      }
    }
    if (open_.size() > 1) {
      return error(open_.back().at, "{{" + open_.back().opened_with + "}} is not closed");
    }
    return top;
  }

 private:
  struct Open {
    std::vector<Node>* into;
    size_t at;
    std::string opened_with = {};  // `#is_alert`
    std::string name = {};
    Node* block = nullptr;
    bool in_else = false;
  };

  Error error(size_t at, const std::string& what) const {
    const std::string_view before = text_.substr(0, at);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t start = before.rfind('\n');
    const size_t column = at - (start == std::string_view::npos ? 0 : start + 1) + 1;
    return {ErrorCode::kInvalidArgument,
            "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what};
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    std::vector<Node>& into = *open_.back().into;
    if (!into.empty() && into.back().kind == Node::Kind::kText) {
      into.back().text += text;
      return;
    }
    add({.kind = Node::Kind::kText, .text = std::string(text)});
  }

  Node& add(Node node) {
    ++nodes_;
    return open_.back().into->emplace_back(std::move(node));
  }

  // At `{{`.
  base::Status tag() {
    const size_t begin = at_;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("{{{{")) return raw_block();
    if (rest.starts_with("{{!--")) return comment("--}}", begin);
    if (rest.starts_with("{{!")) return comment("}}", begin);
    const bool triple = rest.starts_with("{{{");
    const std::string_view close = triple ? "}}}" : "}}";
    const size_t from = at_ + close.size();
    const size_t end = text_.find(close, from);
    if (end == std::string_view::npos) return error(begin, triple ? "{{{ is not closed" : "{{ is not closed");
    const std::string_view inside = trim(text_.substr(from, end - from));
    at_ = end + close.size();
    if (inside.empty()) return error(begin, "there is nothing between the braces");
    if (triple) {
      add({.kind = Node::Kind::kRawVariable, .text = variable_name(inside)});
      return base::ok();
    }
    if (inside.front() == '#' || inside.front() == '^') return open_block(inside, begin);
    if (inside.front() == '/') return close_block(trim(inside.substr(1)), begin);
    if (inside == "else") return otherwise(begin);
    return simple(inside, begin);
  }

  base::Status comment(std::string_view close, size_t begin) {
    const size_t end = text_.find(close, at_ + 2);
    if (end == std::string_view::npos) return error(begin, "the comment is not closed");
    at_ = end + close.size();
    return base::ok();
  }

  base::Status simple(std::string_view inside, size_t begin) {
    const std::vector<std::string> words = split_words(inside);
    if (words.front() == "eval") {
      if (words.size() != 2) return error(begin, "eval takes one expression in quotes");
      base::Result<EvalExpression> eval = EvalExpression::parse(words[1]);
      if (!eval) return error(begin, eval.error().message());
      add({.kind = Node::Kind::kEval, .text = std::string(inside), .eval = *std::move(eval)});
      return base::ok();
    }
    if (words.front() == "local_time") {
      if (words.size() != 3) return error(begin, "local_time takes a variable and a time zone, each in quotes");
      add({.kind = Node::Kind::kLocalTime, .text = std::string(inside), .arguments = {words[1], words[2]}});
      return base::ok();
    }
    if (words.front() == "override_priority") {
      const int priority = words.size() == 2 ? priority_of(words[1]) : 0;
      if (priority == 0) return error(begin, "override_priority takes one of 'P1' to 'P5'");
      add({.kind = Node::Kind::kPriority, .priority = priority});
      return base::ok();
    }
    add({.kind = Node::Kind::kVariable, .text = variable_name(inside)});
    return base::ok();
  }

  base::Result<Node> block_of(std::string_view inside, size_t begin) const {
    std::vector<std::string> words = split_words(inside);
    if (words.empty() || !words.front().starts_with("is_")) {
      return error(begin, "{{#" + std::string(inside.substr(0, 40)) +
                              "}} is not a condition; conditions are is_alert, is_warning, is_recovery, is_no_data, "
                              "is_renotify, is_match and their kin");
    }
    Node node{.kind = Node::Kind::kBlock, .text = words.front()};
    words.erase(words.begin());
    if (takes_arguments(node.text)) {
      const size_t least = node.text == "is_priority" ? 1 : 2;
      if (words.size() < least)
        return error(begin, node.text + " takes " + (least == 1 ? "a priority" : "a variable and at least one string"));
      if (node.text != "is_priority") words.front() = variable_name(words.front());
    } else if (!words.empty()) {
      return error(begin, node.text + " takes no arguments");
    }
    node.arguments = std::move(words);
    return node;
  }

  base::Status open_block(std::string_view inside, size_t begin) {
    base::Result<Node> node = block_of(trim(inside.substr(1)), begin);
    if (!node) return std::move(node).error();
    node->negated = inside.front() == '^';
    if (open_.size() > kTemplateDepthMax) {
      return error(begin, "conditions nest at most " + std::to_string(kTemplateDepthMax) + " deep");
    }
    std::string name = node->text;
    Node& block = add(*std::move(node));
    open_.push_back(
        {.into = &block.children, .at = begin, .opened_with = inside.front() + name, .name = name, .block = &block});
    return base::ok();
  }

  base::Status close_block(std::string_view name, size_t begin) {
    if (open_.size() == 1) return error(begin, "{{/" + std::string(name) + "}} closes nothing");
    if (open_.back().name != name) {
      return error(begin, "{{/" + std::string(name) + "}} where {{/" + open_.back().name + "}} was expected");
    }
    open_.pop_back();
    return base::ok();
  }

  base::Status otherwise(size_t begin) {
    Open& open = open_.back();
    if (open.block == nullptr) return error(begin, "{{else}} outside a condition");
    if (open.in_else) return error(begin, "a second {{else}} in one condition");
    open.in_else = true;
    open.into = &open.block->otherwise;
    return base::ok();
  }

  // `{{{{raw}}}} literal {{{{/raw}}}}`, `{{{{is_match "a" "b"}}}} literal {{{{/is_match}}}}`.
  base::Status raw_block() {
    const size_t begin = at_;
    const size_t end = text_.find("}}}}", at_ + 4);
    if (end == std::string_view::npos) return error(begin, "{{{{ is not closed");
    const std::string_view inside = trim(text_.substr(at_ + 4, end - at_ - 4));
    const std::vector<std::string> words = split_words(inside);
    if (words.empty()) return error(begin, "there is nothing between the braces");
    const std::string closing = "{{{{/" + words.front() + "}}}}";
    const size_t close = text_.find(closing, end);
    if (close == std::string_view::npos) return error(begin, "{{{{" + words.front() + "}}}} is not closed");
    const std::string_view literal = text_.substr(end + 4, close - end - 4);
    at_ = close + closing.size();
    if (words.front() == "raw") {
      add_text(literal);
      return base::ok();
    }
    base::Result<Node> node = block_of(inside, begin);
    if (!node) return std::move(node).error();
    node->children.push_back({.kind = Node::Kind::kText, .text = std::string(literal)});
    add(*std::move(node));
    return base::ok();
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t nodes_ = 0;
  std::deque<Open> open_;
};

// The message as it grows, with a mark on each `@` that the template itself wrote.
class Writer {
 public:
  explicit Writer(const TemplateScope& scope) : scope_(scope) { out_.priority = scope.priority; }

  void write(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      if (out_.cut) return;
      switch (node.kind) {
        case Node::Kind::kText:
          append(node.text, true);
          break;
        case Node::Kind::kVariable:
          append(base::escape_html(value_of(node.text)), false);
          break;
        case Node::Kind::kRawVariable:
          append(value_of(node.text), false);
          break;
        case Node::Kind::kEval:
          append(node.eval->evaluate([&](std::string_view name) { return number_of(std::string(name)); }), false);
          break;
        case Node::Kind::kLocalTime:
          append(base::escape_html(local_time(node)), false);
          break;
        case Node::Kind::kPriority:
          out_.priority = node.priority;
          break;
        case Node::Kind::kBlock:
          write(holds(node) != node.negated ? node.children : node.otherwise);
          break;
      }
    }
  }

  RenderedMessage finish() && {
    for (const size_t at : handle_starts_) add_handle(at);
    return std::move(out_);
  }

 private:
  std::string value_of(const std::string& name) const {
    return scope_.variable ? scope_.variable(name).value_or(std::string()) : std::string();
  }

  std::optional<double> number_of(const std::string& name) const {
    const std::string text = value_of(name);
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  // Times are variables in UTC with a twin in milliseconds.
  std::string local_time(const Node& node) const {
    const std::optional<double> epoch_ms = number_of(node.arguments[0] + "_epoch");
    if (!epoch_ms || !scope_.local_time) return {};
    return scope_.local_time(static_cast<int64_t>(*epoch_ms / 1000), node.arguments[1]);
  }

  bool holds(const Node& node) const {
    if (node.text == "is_priority") {
      return std::any_of(node.arguments.begin(), node.arguments.end(), [&](const std::string& wanted) {
        return out_.priority != 0 && priority_of(wanted) == out_.priority;
      });
    }
    if (!takes_arguments(node.text)) return scope_.condition && scope_.condition(node.text);
    const std::string value = value_of(node.arguments.front());
    return std::any_of(node.arguments.begin() + 1, node.arguments.end(), [&](const std::string& wanted) {
      // Everything contains the empty string; what is meant by `""` is a value that is empty.
      if (wanted.empty() || node.text == "is_exact_match") return value == wanted;
      return value.find(wanted) != std::string::npos;
    });
  }

  void append(std::string_view text, bool ours) {
    const size_t room = kMessageBytesMax - out_.text.size();
    if (text.size() > room) {
      out_.cut = true;
      text = text.substr(0, room);
      // Not in the middle of a UTF-8 character.
      while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
      if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
    }
    if (ours) {
      for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        handle_starts_.push_back(out_.text.size() + at);
      }
    }
    out_.text += text;
  }

  void add_handle(size_t at) {
    const std::string& text = out_.text;
    // `someone@example.com` in running text is an address, not a handle.
    if (at > 0 && !is_space(text[at - 1]) && std::string_view("([,;:").find(text[at - 1]) == std::string_view::npos)
      return;
    size_t end = at + 1;
    while (end < text.size() && !is_space(text[end]) && text[end] != '(') ++end;
    // `@workflow-name(a=b, c=d)`: the arguments may hold blanks.
    if (end < text.size() && text[end] == '(') end = std::min(text.find(')', end), text.size() - 1) + 1;
    std::string handle = text.substr(at + 1, end - at - 1);
    if (handle.empty() || out_.handles.size() >= kHandlesMax) return;
    if (std::find(out_.handles.begin(), out_.handles.end(), handle) == out_.handles.end()) {
      out_.handles.push_back(std::move(handle));
    }
  }

  const TemplateScope& scope_;
  RenderedMessage out_;
  std::vector<size_t> handle_starts_;
};

// Every branch one after the other, so that handles in any of them are found.
void flatten(const std::vector<Node>& nodes, std::string& out) {
  for (const Node& node : nodes) {
    if (node.kind == Node::Kind::kText) out += node.text;
    if (node.kind == Node::Kind::kVariable || node.kind == Node::Kind::kRawVariable) out += "{{" + node.text + "}}";
    if (node.kind == Node::Kind::kBlock) out += ' ';
    flatten(node.children, out);
    if (node.kind == Node::Kind::kBlock) out += ' ';
    flatten(node.otherwise, out);
    if (node.kind == Node::Kind::kBlock) out += ' ';
  }
}

}  // namespace

struct Template::Tree {
  std::string text;
  std::vector<Node> nodes;
};

Template::Template() : tree_(std::make_shared<const Tree>()) {}

base::Result<Template> Template::parse(std::string_view text) {
  if (text.size() > kTemplateBytesMax) {
    return Error(ErrorCode::kTooLarge, "a message has at most " + std::to_string(kTemplateBytesMax) + " bytes");
  }
  base::Result<std::vector<Node>> nodes = Parser(text).parse();
  if (!nodes) return std::move(nodes).error();
  Template result;
  result.tree_ = std::make_shared<const Tree>(Tree{.text = std::string(text), .nodes = *std::move(nodes)});
  return result;
}

RenderedMessage Template::render(const TemplateScope& scope) const {
  Writer writer(scope);
  writer.write(tree_->nodes);
  return std::move(writer).finish();
}

const std::string& Template::text() const { return tree_->text; }

std::vector<std::string> Template::possible_handles() const {
  std::string all;
  flatten(tree_->nodes, all);
  const TemplateScope nothing;
  Writer writer(nothing);
  writer.write({{.kind = Node::Kind::kText, .text = std::move(all)}});
  return std::move(writer).finish().handles;
}

}  // namespace godseye::lang
