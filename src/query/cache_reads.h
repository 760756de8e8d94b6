#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/rule.h"
#include "catalog/model.h"
#include "planner/bound.h"
#include "planner/plan.h"

namespace eider::query {

// What the result of a root field depends on beside its arguments. Part of a prepared plan.
struct CacheReads {
  std::vector<std::string> tags;            // Of everything that is read: $obj:…, $src:…, and $write:… of views.
  std::vector<std::string> sources;         // By name.
  std::string generations;                  // Of the sources.
  std::optional<cache::Rule> rule;          // Of the object's or the function's definition.
  bool never = false;                       // Something in it gives another result each time.
  bool identity_unknown = false;            // Something in it may use the identity in a way that is not known.
  std::vector<std::string> identity_items;  // What it uses of it: "user_id" …
};

// Of a field and the plan that it was compiled to, under the rules of its role.
CacheReads ReadsOf(const planner::BoundRoot& root, const planner::Plan& plan);

// The sources, by name, that a field reads under the rules of its role.
std::vector<std::string> SourcesOf(const planner::BoundRoot& root);

// The response shape of a field: names, types and directives that change rows, without arguments.
std::string ShapeOf(const planner::BoundField& field);

// Tags of everything that a field changes.
void AddWrites(const planner::BoundRoot& root, const catalog::Snapshot& snapshot, std::vector<std::string>& tags);
// The same for something unknown that is changed in a source.
void AddSourceWrites(const std::string& source, const catalog::Snapshot& snapshot, std::vector<std::string>& tags);

// The tag of what may read anything; bumped by every change.
inline constexpr std::string_view kAnyChange = "$any";

// The tag of everything that is read from a source; bumped when it is loaded or unloaded.
std::string SourceTag(const std::string& source);

}  // namespace eider::query
