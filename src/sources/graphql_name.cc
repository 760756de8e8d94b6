#include "sources/graphql_name.h"

namespace eider::sources {
namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string GraphqlName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (IsNameByte(c)) {
      name.push_back(c);
    } else if (!IsContinuationByte(c)) {
      name.push_back('_');
    }
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "_");
  // Names with two leading underscores belong to introspection.
  if (name.starts_with("__")) name.insert(0, "x");
  return name;
}

std::string NameScope::Claim(const std::string& wanted) {
  std::string name = wanted;
  for (int number = 2; !Enter(name); ++number) name = wanted + "_" + std::to_string(number);
  return name;
}

}  // namespace eider::sources
