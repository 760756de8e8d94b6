#pragma once

#include <deque>
#include <vector>

#include "catalog/model.h"
#include "graphql/ast.h"

namespace eider::catalog {

// The model of one source: what its SDL means, before a schema is generated from it. Immutable once compiled.
class CompiledSource {
 public:
  Source source;
  std::deque<EnumType> enums;
  std::deque<InputType> inputs;
  std::deque<StructType> structs;
  std::deque<DataObject> objects;
  std::deque<DataObject> row_objects;  // DataObject::structure: what functions answer.
  std::deque<Function> functions;
  std::vector<graphql::DocumentPtr> documents;  // Own the type nodes of input members.
};

}  // namespace eider::catalog
