#include "picture.h"

#include "drawings.h"
#include "generator.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vcommerce::catalogue {
namespace {

constexpr std::string_view kEnding = ".svg";

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Grey for what is no colour: colours of products may come from outside.
Rgb rgb_of(std::string_view text) {
  if (text.size() != 7 || text[0] != '#') return {150, 150, 150};
  std::array<int, 6> digits{};
  for (size_t i = 0; i < 6; ++i) {
    digits[i] = hex_digit(text[i + 1]);
    if (digits[i] < 0) return {150, 150, 150};
  }
  return {digits[0] * 16 + digits[1], digits[2] * 16 + digits[3], digits[4] * 16 + digits[5]};
}

// `percent` of the way from `a` to `b`.
Rgb mix(Rgb a, Rgb b, int percent) {
  const auto channel = [percent](int from, int to) { return from + (to - from) * percent / 100; };
  return {channel(a.red, b.red), channel(a.green, b.green), channel(a.blue, b.blue)};
}

std::string hex(Rgb colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "#";
  for (const int channel : {colour.red, colour.green, colour.blue}) {
    out += kDigits[static_cast<size_t>(channel / 16)];
    out += kDigits[static_cast<size_t>(channel % 16)];
  }
  return out;
}

int brightness(Rgb colour) { return (colour.red * 30 + colour.green * 59 + colour.blue * 11) / 100; }

struct Tones {
  Rgb main, dark, light, second, back, back_edge;
};

Tones tones_of(const Product& product, Dice& dice) {
  Tones tones;
  tones.main = rgb_of(product.colours.empty() ? "" : product.colours[0].rgb);
  tones.dark = mix(tones.main, {24, 20, 28}, 32);
  tones.light = mix(tones.main, {255, 252, 246}, 45);
  tones.second = product.colours.size() > 1
                     ? rgb_of(product.colours[1].rgb)
                     : mix(tones.main, brightness(tones.main) > 128 ? Rgb{60, 48, 52} : Rgb{248, 236, 214}, 60);
  constexpr Rgb kBacks[] = {{244, 236, 224}, {232, 238, 234}, {238, 232, 240}, {230, 236, 244},
                            {246, 232, 226}, {240, 240, 228}, {234, 232, 228}};
  tones.back = kBacks[dice.below(std::size(kBacks))];
  // A pale product needs a ground that it stands out from.
  if (brightness(tones.main) > 205) tones.back = mix(tones.back, {120, 124, 132}, 42);
  tones.back_edge = mix(tones.back, {90, 84, 96}, 14);
  return tones;
}

bool is_cloth(std::string_view code) {
  constexpr std::string_view kCloth = "DRS TEE SHT BLS SKT CSH SCF TOT RUG BED KNT";
  return kCloth.find(code) != std::string_view::npos;
}

// The main fill: plain, or stripes, dots or a check in a tone of it.
std::string pattern_of(const Tones& tones, uint64_t which) {
  const std::string main = hex(tones.main);
  const std::string tone = hex(mix(tones.main, brightness(tones.main) > 140 ? tones.dark : tones.light, 55));
  const std::string base = "<rect width=\"14\" height=\"14\" fill=\"" + main + "\"/>";
  switch (which) {
    case 0:
      return base + "<rect width=\"14\" height=\"4\" fill=\"" + tone + "\"/>";
    case 1:
      return base + "<circle cx=\"4\" cy=\"4\" r=\"2\" fill=\"" + tone +
             "\"/><circle cx=\"11\" cy=\"11\" r=\"2\" fill=\"" + tone + "\"/>";
    case 2:
      return base + "<path fill=\"" + tone + "\" opacity=\".55\" d=\"M0 0h14v4H0zM0 0h4v14H0z\"/>";
    case 3:
      return base + "<rect width=\"3\" height=\"14\" fill=\"" + tone + "\"/>";
    default:
      return {};
  }
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::string picture_name(std::string_view product_id) { return std::string(product_id) + std::string(kEnding); }

std::optional<std::string> product_of_picture(std::string_view name) {
  if (name.size() > kPictureNameBytesMax || !name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  const bool fits = std::all_of(name.begin(), name.end(),
                                [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
  if (name.empty() || !fits) return std::nullopt;
  return std::string(name);
}

std::string draw_picture(const Product& product) {
  Dice dice(seed_of(product.id));
  const Tones tones = tones_of(product, dice);
  const std::string code = product.id.size() >= 7 ? product.id.substr(4, 3) : std::string();
  std::string shape(drawing_of(code, static_cast<unsigned>(dice.below(2))));
  const std::string pattern = is_cloth(code) ? pattern_of(tones, dice.below(7)) : std::string();
  replace(shape, "$m", pattern.empty() ? hex(tones.main) : "url(#p)");
  replace(shape, "$d", hex(tones.dark));
  replace(shape, "$l", hex(tones.light));
  replace(shape, "$s", hex(tones.second));
  replace(shape, "$w", "#fbf8f2");
  replace(shape, "$k", "#2f2b30");

  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 200\" width=\"400\" height=\"400\">";
  svg += "<defs><radialGradient id=\"b\" cx=\".5\" cy=\".42\" r=\".75\"><stop offset=\"0\" stop-color=\"" +
         hex(tones.back) + "\"/><stop offset=\"1\" stop-color=\"" + hex(tones.back_edge) + "\"/></radialGradient>";
  if (!pattern.empty()) {
    const std::string turn = dice.below(3) == 0 ? " patternTransform=\"rotate(45)\"" : "";
    svg += "<pattern id=\"p\" width=\"14\" height=\"14\" patternUnits=\"userSpaceOnUse\"" + turn + ">" + pattern +
           "</pattern>";
  }
  svg += "</defs><rect width=\"200\" height=\"200\" fill=\"url(#b)\"/>";
  svg += "<ellipse cx=\"100\" cy=\"176\" rx=\"62\" ry=\"7\" fill=\"#2f2b30\" opacity=\".13\"/>";
  // A little smaller than the canvas, some mirrored, so that a page of them does not march in step.
  const std::string mirror = dice.below(2) == 0 ? "" : "translate(200 0) scale(-1 1) ";
  const std::string scale = std::to_string(84 + dice.below(7));
  svg += "<g transform=\"" + mirror + "translate(100 102) scale(." + scale + ") translate(-100 -102)\">" + shape +
         "</g></svg>";
  return svg;
}

}  // namespace vcommerce::catalogue
