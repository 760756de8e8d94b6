#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/sdl/declared.h"

// What a later catalog may do to earlier definitions: @drop, @replace, @if_not_exists, @drop_directive (4.4).
namespace eider::catalog {

// What stands before a definition or a member of an extension.
struct Patch {
  bool drop = false;
  bool drop_if_exists = false;
  bool replace = false;
  bool if_not_exists = false;
  std::vector<DeclaredDirective> drop_directives;
  DeclaredDirectives rest;  // All other directives.
};

// Separates patch directives from the others.
Patch ReadPatch(std::span<const graphql::Directive> directives, const graphql::Document* document);

// Whether the directive is one of the four.
bool IsPatchDirective(std::string_view name);

// Removes what @drop_directive names, then appends the other directives.
void PatchDirectives(const Patch& patch, DeclaredDirectives* directives);

// Merges `nodes` (fields, input fields or enum values) into `members`; a member may patch an earlier one.
// `owner` names the type in messages.
template <class Member, class Node>
Status MergeMembers(std::span<const Node> nodes, const graphql::Document* document, std::string_view owner,
                    std::vector<Member>* members);

}  // namespace eider::catalog
