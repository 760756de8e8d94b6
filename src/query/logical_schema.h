#pragma once

#include <string_view>
#include <vector>

#include "catalog/model.h"
#include "graphql/schema.h"
#include "query/module_index.h"
#include "query/role_visibility.h"

namespace eider::query {

// The modules, objects, functions and sources of a snapshot as one role sees them. Lives within one request; the
// snapshot, its schema and the visibility outlive it.
class LogicalSchema {
 public:
  // `visibility`: null shows everything.
  LogicalSchema(const catalog::Snapshot& snapshot, const graphql::Schema& schema, const RoleVisibility* visibility)
      : snapshot_(snapshot),
        schema_(schema),
        modules_(snapshot),
        visibility_(visibility) {}

  const catalog::Snapshot& snapshot() const { return snapshot_; }
  const graphql::Schema& schema() const { return schema_; }
  const ModuleIndex& modules() const { return modules_; }

  bool ShowsField(const graphql::Type* type, std::string_view name) const;
  // False for a module whose field is hidden in the module around it.
  bool ShowsModule(std::string_view path) const;
  bool Shows(const catalog::DataObject& object) const;
  bool Shows(const FunctionEntry& function) const;
  bool Shows(const catalog::DataObject& object, const catalog::Relation& relation) const;
  // Whether the type belongs to what `_types(scope:)` names.
  bool IsInScope(const graphql::Type& type, std::string_view scope) const;

  // Null when there is none.
  const catalog::Source* FindSource(std::string_view name) const;
  static const catalog::Source* SourceOf(const FunctionEntry& function);
  std::vector<const catalog::DataObject*> ObjectsOf(std::string_view module) const;
  // The sources of a module's objects and functions, and of those of the modules below.
  std::vector<const catalog::Source*> SourcesOf(const ModuleEntry& module) const;
  std::vector<FunctionEntry> AllFunctions() const;

 private:
  const catalog::Snapshot& snapshot_;
  const graphql::Schema& schema_;
  const ModuleIndex modules_;
  const RoleVisibility* visibility_;
};

}  // namespace eider::query
