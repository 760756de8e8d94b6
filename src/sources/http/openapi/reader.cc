#include "sources/http/openapi/reader.h"

#include <charconv>

#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"

namespace eider::sources::openapi {
namespace {

constexpr int kLongestChain = 50;

std::string Escaped(std::string_view name) {
  std::string out;
  for (const char c : name) out.append(c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c));
  return out;
}

std::string Unescaped(std::string_view name) {
  std::string out;
  const std::string decoded = UnescapePercent(name);
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const bool is_escape =
        decoded[i] == '~' && i + 1 < decoded.size() && (decoded[i + 1] == '0' || decoded[i + 1] == '1');
    out.push_back(is_escape ? (decoded[i + 1] == '0' ? '~' : '/') : decoded[i]);
    if (is_escape) ++i;
  }
  return out;
}

}  // namespace

Site Site::Member(std::string_view name) const {
  const rapidjson::Value* member = value == nullptr ? nullptr : FindMember(*value, name);
  return {member, pointer + "/" + Escaped(name)};
}

Site Site::Item(rapidjson::SizeType index) const { return {&(*value)[index], pointer + "/" + std::to_string(index)}; }

std::string Site::Text(std::string_view member) const {
  return value == nullptr ? std::string() : TextMember(*value, member);
}

bool Site::Flag(std::string_view member) const {
  const rapidjson::Value* flag = value == nullptr ? nullptr : FindMember(*value, member);
  return flag != nullptr && flag->IsBool() && flag->GetBool();
}

Error BrokenAt(const Site& site, const std::string& why) {
  return Error(ErrorCode::kBadInput, "the OpenAPI document is broken at " + site.pointer + ": " + why);
}

Result<Site> References::Follow(const Site& from, std::string_view reference) const {
  if (!reference.starts_with("#/")) {
    return BrokenAt(from, "the reference \"" + std::string(reference.substr(0, 200)) +
                              "\" leads out of the document; put what it names into it");
  }
  Site at{&document_, "#"};
  for (const std::string_view part : SplitText(reference.substr(2), '/')) {
    const std::string name = Unescaped(part);
    if (at.value->IsArray()) {
      rapidjson::SizeType index = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
      const bool fits = error == std::errc() && end == name.data() + name.size() && index < at.value->Size();
      at = fits ? at.Item(index) : Site{nullptr, {}};
    } else {
      at = at.Member(name);
    }
    if (!at) return BrokenAt(from, "the reference \"" + std::string(reference.substr(0, 200)) + "\" leads nowhere");
  }
  return at;
}

Result<Site> References::Resolve(Site site) const {
  for (int step = 0; step < kLongestChain; ++step) {
    if (!site || !site.value->IsObject()) return site;
    const Site reference = site.Member("$ref");
    if (!reference || !reference.value->IsString()) return site;
    EIDER_ASSIGN_OR_RETURN(site, Follow(site, reference.value->GetString()));
  }
  return BrokenAt(site, "its references lead around");
}

}  // namespace eider::sources::openapi
