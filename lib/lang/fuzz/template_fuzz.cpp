#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <godseye/lang/template.h>

// Whatever the text, parsing ends in a tree or an error, and rendering stays within its limit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::lang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  godseye::base::Result<Template> parsed = Template::parse(text);
  if (!parsed) return 0;
  TemplateScope scope;
  scope.condition = [](std::string_view name) { return name.size() % 2 == 0; };
  scope.variable = [](std::string_view name) -> std::optional<std::string> {
    if (name.ends_with("_epoch") || name.starts_with("v")) return std::to_string(name.size() * 1000);
    return std::string(name) + " @value";
  };
  const RenderedMessage message = parsed->render(scope);
  if (message.text.size() > kMessageBytesMax || message.handles.size() > kHandlesMax) std::abort();
  (void)parsed->possible_handles();
  return 0;
}
