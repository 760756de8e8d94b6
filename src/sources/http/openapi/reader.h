#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::sources::openapi {

// A value of a document with its JSON pointer, such as "#/paths/~1pets/get".
struct Site {
  const rapidjson::Value* value = nullptr;
  std::string pointer = "#";

  explicit operator bool() const { return value != nullptr; }
  // The member of an object; empty when there is none.
  Site Member(std::string_view name) const;
  Site Item(rapidjson::SizeType index) const;
  std::string Text(std::string_view member) const;
  bool Flag(std::string_view member) const;
};

// "the OpenAPI document is broken at #/…: …"
Error BrokenAt(const Site& site, const std::string& why);

// Follows `$ref` to what it stands for.
class References {
 public:
  explicit References(const rapidjson::Value& document) : document_(document) {}

  // `site`, or what its chain of references ends at. Fails for what leads nowhere, around, or out of the document.
  Result<Site> Resolve(Site site) const;

 private:
  Result<Site> Follow(const Site& from, std::string_view reference) const;

  const rapidjson::Value& document_;
};

}  // namespace eider::sources::openapi
