#include "catalog/sdl/patches.h"

#include <fmt/format.h>

#include <algorithm>

#include "graphql/print.h"

namespace eider::catalog {
namespace {

bool SameValue(const graphql::Value& left, const graphql::Value& right) {
  return graphql::PrintValue(left) == graphql::PrintValue(right);
}

// Whether `directive` has the name and all argument values that `dropped` asks for.
bool Matches(const DeclaredDirective& directive, const DeclaredDirective& dropped) {
  if (directive.name() != dropped.Text("name")) return false;
  const graphql::Value* match = dropped.node->FindArgument("match");
  if (match == nullptr) return true;
  return std::ranges::all_of(match->fields(), [&](const graphql::ObjectField& wanted) {
    const graphql::Value* value = directive.node->FindArgument(wanted.name);
    return value != nullptr && SameValue(*value, wanted.value);
  });
}

// Applies one member of an extension to the member of the same name that may exist.
template <class Member>
Status MergeMember(Member member, Patch patch, std::string_view owner, std::vector<Member>* members) {
  const auto found = std::ranges::find(*members, member.name(), &Member::name);
  const bool exists = found != members->end();
  if (patch.drop) {
    if (exists)
      members->erase(found);
    else if (!patch.drop_if_exists) {
      return Problem(member.site(), "VALIDATE/Patches",
                     fmt::format("cannot drop \"{}\": type \"{}\" has no such member", member.name(), owner));
    }
    return {};
  }
  if (!exists) {
    member.directives = std::move(patch.rest);
    members->push_back(std::move(member));
    return {};
  }
  if (patch.if_not_exists) return {};
  if (patch.replace) {
    member.directives = std::move(patch.rest);
    *found = std::move(member);
    return {};
  }
  if (!patch.drop_directives.empty()) {
    PatchDirectives(patch, &found->directives);
    return {};
  }
  return Problem(member.site(), "VALIDATE/Definitions",
                 fmt::format("\"{}\" is already defined in type \"{}\"", member.name(), owner));
}

}  // namespace

bool IsPatchDirective(std::string_view name) {
  return name == "drop" || name == "replace" || name == "if_not_exists" || name == "drop_directive";
}

Patch ReadPatch(std::span<const graphql::Directive> directives, const graphql::Document* document) {
  Patch patch;
  for (const graphql::Directive& node : directives) {
    const DeclaredDirective directive{&node, document};
    if (node.name == "drop") {
      patch.drop = true;
      patch.drop_if_exists = directive.Flag("if_exists");
    } else if (node.name == "replace") {
      patch.replace = true;
    } else if (node.name == "if_not_exists") {
      patch.if_not_exists = true;
    } else if (node.name == "drop_directive") {
      patch.drop_directives.push_back(directive);
    } else {
      patch.rest.push_back(directive);
    }
  }
  return patch;
}

void PatchDirectives(const Patch& patch, DeclaredDirectives* directives) {
  for (const DeclaredDirective& dropped : patch.drop_directives) {
    std::erase_if(*directives, [&](const DeclaredDirective& present) { return Matches(present, dropped); });
  }
  directives->insert(directives->end(), patch.rest.begin(), patch.rest.end());
}

template <class Member, class Node>
Status MergeMembers(std::span<const Node> nodes, const graphql::Document* document, std::string_view owner,
                    std::vector<Member>* members) {
  members->reserve(members->size() + nodes.size());
  for (const Node& node : nodes) {
    if (node.name == "_stub") continue;
    Member member;
    member.node = &node;
    member.document = document;
    EIDER_RETURN_IF_ERROR(MergeMember(std::move(member), ReadPatch(node.directives, document), owner, members));
  }
  return {};
}

template Status MergeMembers(std::span<const graphql::FieldDefinition>, const graphql::Document*, std::string_view,
                             std::vector<DeclaredField>*);
template Status MergeMembers(std::span<const graphql::InputValueDefinition>, const graphql::Document*, std::string_view,
                             std::vector<DeclaredInput>*);
template Status MergeMembers(std::span<const graphql::EnumValueDefinition>, const graphql::Document*, std::string_view,
                             std::vector<DeclaredEnumValue>*);

}  // namespace eider::catalog
