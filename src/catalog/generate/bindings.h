#pragma once

#include <deque>
#include <string>

#include "catalog/model.h"

namespace eider::catalog {

// Owns the annotations of one schema; kept alive by it.
class BindingStore {
 public:
  // A binding to the rows of `object`.
  const FieldBinding* ForObject(FieldKind kind, const DataObject* object) {
    FieldBinding& binding = Add(kind);
    binding.object = object;
    return &binding;
  }
  const FieldBinding* ForUnique(const DataObject* object, const UniqueKey* unique) {
    FieldBinding& binding = Add(FieldKind::kSelectUnique);
    binding.object = object;
    binding.unique = unique;
    return &binding;
  }
  const FieldBinding* ForColumn(FieldKind kind, const Column* column) {
    FieldBinding& binding = Add(kind);
    binding.column = column;
    return &binding;
  }
  // The rows are those of the relation's far end.
  const FieldBinding* ForRelation(FieldKind kind, const Relation* relation) {
    FieldBinding& binding = Add(kind);
    binding.object = relation->to;
    binding.relation = relation;
    return &binding;
  }
  const FieldBinding* ForFunction(FieldKind kind, std::string_view function_name) {
    FieldBinding& binding = Add(kind);
    binding.function_name = function_name;
    return &binding;
  }
  const FieldBinding* ForSourceFunction(FieldKind kind, const Function* function) {
    FieldBinding& binding = Add(kind);
    binding.function = function;
    binding.object = function->rows;
    return &binding;
  }
  const FieldBinding* ForCall(FieldKind kind, const FunctionCall* call) {
    FieldBinding& binding = Add(kind);
    binding.call = call;
    return &binding;
  }
  const FieldBinding* ForModule() { return &module_; }

  const TypeBinding* ForType(const DataObject* object, const StructType* structure) {
    TypeBinding& binding = types_.emplace_back();
    binding.object = object;
    binding.structure = structure;
    return &binding;
  }

 private:
  FieldBinding& Add(FieldKind kind) {
    FieldBinding& binding = fields_.emplace_back();
    binding.kind = kind;
    return binding;
  }

  std::deque<FieldBinding> fields_;
  std::deque<TypeBinding> types_;
  FieldBinding module_;
};

}  // namespace eider::catalog
