#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <set>
#include <utility>

#include "config/load.h"
#include "config/option.h"

namespace eider::config {
namespace {

// A place in the file, for messages.
struct Place {
  const std::string& file;
  YAML::Mark mark;
};

Error Refuse(const Place& place, std::string text) {
  if (place.mark.is_null()) return {ErrorCode::kBadInput, fmt::format("{}: {}", place.file, std::move(text))};
  return {ErrorCode::kBadInput,
          fmt::format("{}:{}:{}: {}", place.file, place.mark.line + 1, place.mark.column + 1, std::move(text))};
}

// The text of a scalar or of a list of scalars, joined by commas.
Result<std::string> ScalarText(const YAML::Node& node, const std::string& key, const std::string& file) {
  if (node.IsNull()) return std::string();
  if (node.IsScalar()) return node.Scalar();
  if (!node.IsSequence()) return Refuse({file, node.Mark()}, fmt::format("\"{}\" must be a single value", key));
  std::string text;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return Refuse({file, item.Mark()}, fmt::format("\"{}\" must be a list of texts", key));
    text.append(text.empty() ? "" : ",").append(item.Scalar());
  }
  return text;
}

// Names a member of SourceConfig or CatalogConfig.
template <class Owner>
struct TextMember {
  std::string_view key;
  std::string Owner::* member;
};
struct SwitchMember {
  std::string_view key;
  bool SourceConfig::* member;
};

constexpr std::array<TextMember<CatalogConfig>, 3> kCatalogTexts = {
    {{"name", &CatalogConfig::name}, {"type", &CatalogConfig::type}, {"path", &CatalogConfig::path}}};
constexpr std::array<TextMember<SourceConfig>, 5> kSourceTexts = {{{"name", &SourceConfig::name},
                                                                   {"type", &SourceConfig::type},
                                                                   {"prefix", &SourceConfig::prefix},
                                                                   {"path", &SourceConfig::path},
                                                                   {"description", &SourceConfig::description}}};
constexpr std::array<SwitchMember, 4> kSourceSwitches = {{{"as_module", &SourceConfig::as_module},
                                                          {"read_only", &SourceConfig::read_only},
                                                          {"self_defined", &SourceConfig::self_defined},
                                                          {"disabled", &SourceConfig::disabled}}};

// Fills a text member when `key` names one; false when it names none.
template <class Owner, std::size_t kCount>
Result<bool> ReadText(const std::array<TextMember<Owner>, kCount>& members, const std::string& key,
                      const YAML::Node& node, const std::string& file, Owner& owner) {
  for (const TextMember<Owner>& row : members) {
    if (row.key != key) continue;
    if (!node.IsScalar() && !node.IsNull()) {
      return Refuse({file, node.Mark()}, fmt::format("\"{}\" must be a text", key));
    }
    owner.*row.member = node.IsNull() ? std::string() : node.Scalar();
    return true;
  }
  return false;
}

Result<bool> ReadSwitch(const std::string& key, const YAML::Node& node, const std::string& file, SourceConfig& source) {
  for (const SwitchMember& row : kSourceSwitches) {
    if (row.key != key) continue;
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) {
      return Refuse({file, node.Mark()}, fmt::format("\"{}\" must be true or false", key));
    }
    source.*row.member = value;
    return true;
  }
  return false;
}

Result<CatalogConfig> ReadCatalog(const YAML::Node& node, const std::string& file) {
  if (!node.IsMap()) return Refuse({file, node.Mark()}, "a catalog must have members such as name, type and path");
  CatalogConfig catalog;
  for (const auto& item : node) {
    const std::string key = item.first.Scalar();
    EIDER_ASSIGN_OR_RETURN(const bool known, ReadText(kCatalogTexts, key, item.second, file, catalog));
    if (!known) return Refuse({file, item.first.Mark()}, fmt::format("unknown key \"{}\" of a catalog", key));
  }
  if (catalog.type.empty()) return Refuse({file, node.Mark()}, "a catalog needs a type");
  return catalog;
}

Status ReadCatalogs(const YAML::Node& node, const std::string& file, SourceConfig& source) {
  if (!node.IsSequence() && !node.IsNull()) return Refuse({file, node.Mark()}, "\"catalogs\" must be a list");
  for (const YAML::Node& item : node) {
    EIDER_ASSIGN_OR_RETURN(CatalogConfig catalog, ReadCatalog(item, file));
    source.catalogs.push_back(std::move(catalog));
  }
  return {};
}

Result<SourceConfig> ReadSource(const YAML::Node& node, const std::string& file) {
  if (!node.IsMap()) return Refuse({file, node.Mark()}, "a source must have members such as name, type and path");
  SourceConfig source;
  for (const auto& item : node) {
    const std::string key = item.first.Scalar();
    if (key == "catalogs") {
      EIDER_RETURN_IF_ERROR(ReadCatalogs(item.second, file, source));
      continue;
    }
    EIDER_ASSIGN_OR_RETURN(bool known, ReadText(kSourceTexts, key, item.second, file, source));
    if (!known) {
      EIDER_ASSIGN_OR_RETURN(known, ReadSwitch(key, item.second, file, source));
    }
    if (!known) return Refuse({file, item.first.Mark()}, fmt::format("unknown key \"{}\" of a source", key));
  }
  if (source.name.empty()) return Refuse({file, node.Mark()}, "a source needs a name");
  if (source.type.empty()) return Refuse({file, node.Mark()}, fmt::format("source \"{}\" needs a type", source.name));
  return source;
}

Status ReadSources(const YAML::Node& node, const std::string& file, Config& config) {
  if (!node.IsSequence() && !node.IsNull()) return Refuse({file, node.Mark()}, "\"sources\" must be a list");
  std::set<std::string> names;
  for (const YAML::Node& item : node) {
    EIDER_ASSIGN_OR_RETURN(SourceConfig source, ReadSource(item, file));
    if (!names.insert(source.name).second) {
      return Refuse({file, item.Mark()}, fmt::format("there is a second source \"{}\"", source.name));
    }
    config.sources.push_back(std::move(source));
  }
  return {};
}

Status ReadDocument(const YAML::Node& root, const std::string& file, Config& config) {
  if (root.IsNull()) return {};
  if (!root.IsMap()) return Refuse({file, root.Mark()}, "must consist of lines such as \"bind: 127.0.0.1:15000\"");
  std::set<std::string> seen;
  for (const auto& item : root) {
    const std::string key = item.first.Scalar();
    if (!seen.insert(key).second) {
      return Refuse({file, item.first.Mark()}, fmt::format("\"{}\" is given twice", key));
    }
    if (key == "sources") {
      EIDER_RETURN_IF_ERROR(ReadSources(item.second, file, config));
      continue;
    }
    const Option* option = FindOption(key);
    if (option == nullptr) return Refuse({file, item.first.Mark()}, fmt::format("unknown key \"{}\"", key));
    EIDER_ASSIGN_OR_RETURN(const std::string text, ScalarText(item.second, key, file));
    if (Status status = SetOption(*option, text, config); !status) {
      return Refuse({file, item.second.Mark()}, fmt::format("\"{}\" {}", key, status.error().message));
    }
  }
  return {};
}

}  // namespace

Status ApplyFile(std::string_view text, const std::string& file, Config& config) {
  try {
    return ReadDocument(YAML::Load(std::string(text)), file, config);
  } catch (const YAML::Exception& e) {
    return Refuse({file, e.mark}, e.msg);
  }
}

}  // namespace eider::config
