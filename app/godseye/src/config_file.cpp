#include "settings.h"

#include <fstream>

#include <yaml-cpp/yaml.h>

namespace godseye::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr size_t kConfigBytesMax = 1 << 20;

const SettingDeclaration* find_setting(std::string_view name) {
  for (const SettingDeclaration& setting : setting_declarations()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::string at_line(const std::string& path, const YAML::Mark& mark) {
  return path + ":" + std::to_string(mark.line + 1);
}

base::Result<std::string> scalar_or_list(const YAML::Node& node, const std::string& origin) {
  if (node.IsScalar()) return node.Scalar();
  if (node.IsNull()) return std::string();
  if (!node.IsSequence()) return Error{ErrorCode::kInvalidArgument, origin + ": expected a value or a list of values"};
  std::string joined;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return Error{ErrorCode::kInvalidArgument, origin + ": expected a list of plain values"};
    joined += (joined.empty() ? "" : ",") + item.Scalar();
  }
  return joined;
}

base::Result<GivenValues> take_map(const YAML::Node& root, const std::string& path) {
  GivenValues values;
  if (root.IsNull()) return values;
  if (!root.IsMap()) return Error{ErrorCode::kInvalidArgument, path + ": expected a map of settings, `name: value`"};
  for (const auto& entry : root) {
    if (!entry.first.IsScalar())
      return Error{ErrorCode::kInvalidArgument, at_line(path, entry.first.Mark()) + ": bad key"};
    const std::string& name = entry.first.Scalar();
    const std::string where = at_line(path, entry.first.Mark());
    if (!find_setting(name)) {
      const std::string near = nearest_setting(name);
      return Error{ErrorCode::kInvalidArgument,
                   where + ": unknown key \"" + name + "\"" + (near.empty() ? "" : ", did you mean \"" + near + "\"?")};
    }
    base::Result<std::string> text = scalar_or_list(entry.second, where + ": " + name);
    if (!text) return std::move(text).error();
    if (!values.emplace(name, GivenValue{*std::move(text), where + ": " + name}).second) {
      return Error{ErrorCode::kInvalidArgument, where + ": key \"" + name + "\" occurs twice"};
    }
  }
  return values;
}

}  // namespace

base::Result<GivenValues> parse_config(std::string_view yaml, const std::string& path) {
  try {
    return take_map(YAML::Load(std::string(yaml)), path);
  } catch (const YAML::Exception& failure) {
    return Error{ErrorCode::kInvalidArgument, at_line(path, failure.mark) + ": not YAML: " + failure.msg};
  }
}

base::Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::errno_error("reading " + path, errno);
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  // A directory opens and fails here.
  if (in.bad()) return base::errno_error("reading " + path, errno);
  if (text.size() > bytes_max) {
    return Error{ErrorCode::kTooLarge, path + ": larger than " + std::to_string(bytes_max) + " bytes"};
  }
  return text;
}

base::Result<GivenValues> read_config_file(const std::string& path) {
  base::Result<std::string> text = read_file(path, kConfigBytesMax);
  if (!text) return std::move(text).error();
  return parse_config(*text, path);
}

}  // namespace godseye::app
