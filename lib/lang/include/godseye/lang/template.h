#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Message templates of monitors (Datadog's Handlebars-like language): text ⇄ tree ⇄ message, pure.
//
//   {{#is_alert}}{{session_id.name}} scored {{value}} (> {{threshold}}) @incident-prompt-injection{{/is_alert}}
//
// Understood: `{{#is_X}}…{{else}}…{{/is_X}}` and the negated `{{^is_X}}`; `is_match`, `is_exact_match` and
// `is_priority` with arguments; variables (`{{value}}`, `{{host.name}}`, `{{[dotted.key].name}}`), escaped for HTML, or
// as they are in triple braces; `{{override_priority 'P2'}}`; comments; `{{{{raw}}}}` and `{{{{is_match …}}}}` blocks
// whose inside is literal. `{{eval "value * 100"}}` with the arithmetic and functions of Datadog, and
// `{{local_time 'last_triggered_at' 'Asia/Tokyo'}}`. An unknown variable renders empty, also within these. Other blocks
// (`{{#if}}`, loops) are an error.
//
// Handles (`@webhook-ops`) are read from the rendered message, so only true branches notify. The `@` itself must come
// from the template: a tag value like `x @webhook-ops` sent by a stranger notifies nobody.
//
// Errors are kInvalidArgument with line and column ("line 3, column 7: {{#is_alert}} is not closed"). Limits: the
// constants below; a message is cut at kMessageBytesMax, which `RenderedMessage::cut` tells.
// Threads: a Template is immutable; copies share the tree.
namespace godseye::lang {

inline constexpr size_t kTemplateBytesMax = 64 * 1024;
inline constexpr size_t kTemplateDepthMax = 16;
inline constexpr size_t kTemplateNodesMax = 4000;
inline constexpr size_t kMessageBytesMax = 64 * 1024;
inline constexpr size_t kHandlesMax = 50;

// What a template is rendered with. The functions are called during `render` only.
struct TemplateScope {
  // `is_alert` and the like. Unknown names are false. Not asked for is_match, is_exact_match and is_priority.
  std::function<bool(std::string_view name)> condition;
  // `value`, `session_id.name`; brackets already removed. Nothing: unknown.
  std::function<std::optional<std::string>(std::string_view name)> variable;
  // Unix seconds in a time zone, "2026-01-02 12:04:05+09:00"; empty for a zone nobody knows. May be absent.
  std::function<std::string(int64_t unix_s, const std::string& zone)> local_time;
  int priority = 0;  // 1..5; 0: none
};

struct RenderedMessage {
  std::string text;
  std::vector<std::string> handles;  // without `@`, in order, unique
  int priority = 0;                  // the scope's, or what override_priority said
  bool cut = false;                  // longer than kMessageBytesMax
};

class Template {
 public:
  // The empty template.
  Template();
  static base::Result<Template> parse(std::string_view text);
  RenderedMessage render(const TemplateScope& scope) const;
  const std::string& text() const;
  // Every handle that stands in the text, whatever the conditions; for showing and for warnings.
  std::vector<std::string> possible_handles() const;

  struct Tree;

 private:
  std::shared_ptr<const Tree> tree_;
};

}  // namespace godseye::lang
