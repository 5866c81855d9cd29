#include "image/inspection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

// SVG is a program in XML. A tokenizer of our own walks the tags: no entity is ever expanded, no reference followed.
namespace godseye::guard::image {
namespace {

constexpr uint32_t kDepthMax = 256;
constexpr uint32_t kUsesMax = 1'000;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool equals_caseless(std::string_view a, std::string_view lower_b) {
  return a.size() == lower_b.size() &&
         std::equal(a.begin(), a.end(), lower_b.begin(), [](char x, char y) { return lower(x) == y; });
}

bool starts_caseless(std::string_view a, std::string_view lower_b) {
  return a.size() >= lower_b.size() && equals_caseless(a.substr(0, lower_b.size()), lower_b);
}

std::string_view local_name(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\0'; }

// White space and control characters inside a scheme are ignored by browsers: "java\nscript:".
std::string scheme_of(std::string_view value) {
  std::string out;
  for (const char c : value.substr(0, 256)) {
    if (static_cast<unsigned char>(c) <= 0x20) continue;
    out += lower(c);
    if (out.size() >= 16) break;
  }
  return out;
}

class Svg {
 public:
  explicit Svg(Inspection& in) : in_(in), rest_(in.file) {}

  void walk() {
    if (has_encoding_trick()) return in_.malicious("script", "an encoding that hides the text from inspection");
    while (!rest_.empty() && !stopped_) {
      const size_t open = rest_.find('<');
      text(rest_.substr(0, open));
      if (open == std::string_view::npos) break;
      rest_.remove_prefix(open);
      markup();
    }
    if (stopped_) return;
    if (!root_seen_) return in_.invalid("not_an_image", "there is no svg element");
    if (depth_ != 0) return in_.invalid("truncated", "elements are left open");
    if (uses_ > kUsesMax || (uses_ > 64 && use_nesting_)) in_.malicious("entity_bomb", "references upon references");
    in_.report.frames = 1;
    if (in_.report.width == 0) in_.report.width = in_.report.height = 300;  // the size of an svg that names none
  }

 private:
  void stop_malicious(std::string_view kind, std::string detail) {
    in_.malicious(kind, std::move(detail));
    stopped_ = true;
  }

  bool has_encoding_trick() const {
    const std::string_view head = in_.file.substr(0, 256);
    return head.find('\0') != std::string_view::npos || head.find("UTF-7") != std::string_view::npos ||
           head.find("utf-7") != std::string_view::npos;
  }

  void text(std::string_view value) {
    if (std::any_of(value.begin(), value.end(), [](char c) { return !is_space(c); })) in_.add_text(value);
    if (style_depth_ > 0) css(value);
  }

  void css(std::string_view value) {
    std::string flat;
    for (const char c : value.substr(0, 64u << 10)) flat += lower(c);
    if (flat.find("@import") != std::string::npos || flat.find("expression(") != std::string::npos ||
        flat.find("javascript:") != std::string::npos)
      return stop_malicious("script", "a style sheet imports or runs code");
    for (size_t at = flat.find("url("); at != std::string::npos; at = flat.find("url(", at + 1)) {
      const size_t value_at = flat.find_first_not_of(" '\"\t\r\n", at + 4);
      if (value_at != std::string::npos && flat[value_at] != '#' && flat.compare(value_at, 11, "data:image/") != 0)
        return stop_malicious("external_reference", "a style sheet loads from elsewhere");
    }
  }

  void markup() {
    stopped_ = !in_.count_part();
    if (stopped_) return;
    if (rest_.starts_with("<!--")) return skip_past("-->", 4);
    if (rest_.starts_with("<![CDATA[")) return cdata();
    if (rest_.starts_with("<!")) return doctype();
    if (rest_.starts_with("<?")) return instruction();
    if (rest_.starts_with("</")) return close_tag();
    open_tag();
  }

  void skip_past(std::string_view end, size_t from) {
    const size_t at = rest_.find(end, from);
    if (at == std::string_view::npos) {
      in_.invalid("truncated", "the markup ends in the middle");
      stopped_ = true;
      return;
    }
    in_.add_text(rest_.substr(from, at - from));
    rest_.remove_prefix(at + end.size());
  }

  void cdata() {
    const size_t at = rest_.find("]]>");
    if (style_depth_ > 0) css(rest_.substr(9, at == std::string_view::npos ? at : at - 9));
    if (!stopped_) skip_past("]]>", 9);
  }

  // The public doctype of SVG 1.1 declares nothing. Everything else in one declares entities.
  void doctype() {
    const size_t end = rest_.find('>');
    const size_t bracket = rest_.substr(0, end).find('[');
    const std::string_view head = rest_.substr(0, end);
    if (bracket != std::string_view::npos) {
      const bool external = in_.file.find("SYSTEM") != std::string_view::npos;
      return stop_malicious(external ? "external_entity" : "entity_bomb", "the document declares entities");
    }
    if (!starts_caseless(head, "<!doctype") || head.find("-//W3C//DTD SVG") == std::string_view::npos)
      return stop_malicious("external_entity", "a document type of unknown origin");
    skip_past(">", 2);
  }

  void instruction() {
    if (starts_caseless(rest_, "<?xml-stylesheet"))
      return stop_malicious("external_reference", "an outside style sheet");
    if (!starts_caseless(rest_, "<?xml")) in_.search_payload(rest_.substr(0, 4096), "an instruction");
    skip_past("?>", 2);
  }

  void close_tag() {
    const size_t end = rest_.find('>');
    if (end == std::string_view::npos || depth_ == 0) {
      in_.invalid("corrupt", "a closing tag without its opening one");
      stopped_ = true;
      return;
    }
    if (equals_caseless(local_name(rest_.substr(2, end - 2)), "style") && style_depth_ > 0) --style_depth_;
    --depth_;
    rest_.remove_prefix(end + 1);
  }

  void open_tag() {
    size_t at = 1;
    while (at < rest_.size() && !is_space(rest_[at]) && rest_[at] != '>' && rest_[at] != '/') ++at;
    const std::string_view name = local_name(rest_.substr(1, at - 1));
    element(name);
    bool closed = false;
    while (!stopped_) {
      while (at < rest_.size() && (is_space(rest_[at]) || rest_[at] == '/')) closed = rest_[at++] == '/';
      if (at >= rest_.size()) {
        in_.invalid("truncated", "the file ends inside a tag");
        stopped_ = true;
        return;
      }
      if (rest_[at] == '>') break;
      at = attribute(name, at);
      closed = false;
    }
    if (stopped_) return;
    rest_.remove_prefix(at + 1);
    if (!closed && ++depth_ > kDepthMax) stop_malicious("part_flood", "elements nested too deep");
    if (!closed && equals_caseless(name, "style")) ++style_depth_;
  }

  void element(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kActive = {"script", "foreignobject", "iframe",   "object",
                                                                "embed",  "handler",       "listener", "audio"};
    if (equals_caseless(name, "svg")) root_seen_ = true;
    if (!root_seen_) {
      in_.invalid("not_an_image", "the first element is not svg");
      stopped_ = true;
      return;
    }
    for (const std::string_view active : kActive)
      if (equals_caseless(name, active)) return stop_malicious("script", "an element that runs or embeds code");
    if (equals_caseless(name, "use")) ++uses_;
    if (equals_caseless(name, "use") && depth_ > 3) use_nesting_ = true;
  }

  // Reads one attribute at `at`; returns where the next begins.
  size_t attribute(std::string_view element_name, size_t at) {
    const size_t name_at = at;
    while (at < rest_.size() && rest_[at] != '=' && rest_[at] != '>' && !is_space(rest_[at])) ++at;
    const std::string_view full_name = rest_.substr(name_at, at - name_at);
    const std::string_view name = local_name(full_name);
    while (at < rest_.size() && is_space(rest_[at])) ++at;
    std::string_view value;
    if (at < rest_.size() && rest_[at] == '=') {
      ++at;
      while (at < rest_.size() && is_space(rest_[at])) ++at;
      const char quote = at < rest_.size() ? rest_[at] : '\0';
      if (quote != '"' && quote != '\'') return stop_malicious("script", "an attribute without quotes"), rest_.size();
      const size_t end = rest_.find(quote, at + 1);
      if (end == std::string_view::npos) return stop_malicious("script", "an attribute without an end"), rest_.size();
      value = rest_.substr(at + 1, end - at - 1);
      at = end + 1;
    }
    if (!is_namespace(full_name, value)) judge_attribute(element_name, name, value);
    return at;
  }

  // An address that every drawing carries; anything longer or with blanks in it is looked at like other text.
  static bool is_namespace(std::string_view full_name, std::string_view value) {
    constexpr size_t kBytesMax = 80;
    return (full_name == "xmlns" || full_name.starts_with("xmlns:")) && starts_caseless(value, "http") &&
           value.size() <= kBytesMax && std::none_of(value.begin(), value.end(), is_space);
  }

  void judge_attribute(std::string_view element_name, std::string_view name, std::string_view value) {
    if (starts_caseless(name, "on")) return stop_malicious("script", "an event handler");
    const std::string scheme = scheme_of(value);
    if (scheme.starts_with("javascript:") || scheme.starts_with("vbscript:") || scheme.starts_with("data:text/"))
      return stop_malicious("script", "a link that runs code");
    if (equals_caseless(name, "style")) return css(value);
    if (equals_caseless(name, "href") || equals_caseless(name, "src")) {
      const bool anchor = equals_caseless(element_name, "a");
      if (!anchor && !scheme.starts_with("#") && !scheme.starts_with("data:image/"))
        return stop_malicious("external_reference", "a picture or shape is loaded from elsewhere");
      if (value.find('&') != std::string_view::npos && scheme.starts_with("&"))
        return stop_malicious("script", "a link written in entities");
    }
    if (equals_caseless(element_name, "svg") && depth_ == 0) size(name, value);
    if (value.size() >= 24 && name != "d" && name != "points") in_.add_text(value);
  }

  void size(std::string_view name, std::string_view value) {
    uint64_t number = 0;
    for (const char c : value.substr(0, 12)) {
      if (c < '0' || c > '9') break;
      number = number * 10 + static_cast<uint64_t>(c - '0');
    }
    if (value.ends_with('%') || number == 0) return;
    if (name == "width") in_.report.width = static_cast<uint32_t>(std::min<uint64_t>(number, UINT32_MAX));
    if (name == "height") in_.report.height = static_cast<uint32_t>(std::min<uint64_t>(number, UINT32_MAX));
    if (uint64_t{in_.report.width} * in_.report.height > in_.limits().pixels_max)
      stop_malicious("huge_dimensions", "the drawing asks for too many pixels");
  }

  Inspection& in_;
  std::string_view rest_;
  bool stopped_ = false;
  bool root_seen_ = false;
  bool use_nesting_ = false;
  uint32_t depth_ = 0;
  uint32_t style_depth_ = 0;
  uint32_t uses_ = 0;
};

}  // namespace

void walk_svg(Inspection& in) { Svg(in).walk(); }

}  // namespace godseye::guard::image
