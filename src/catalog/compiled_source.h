#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "catalog/compiler.h"
#include "catalog/model.h"
#include "graphql/ast.h"

namespace eider::catalog {

struct DeclaredSource;

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

  // What the same model can be made from again, for a schema in which extensions add to it. The callbacks of the
  // definition answer what they answered at the first time.
  SourceDefinition definition;
  std::shared_ptr<const SourceAnswers> answers;
  std::shared_ptr<const DeclaredSource> declared;
};

}  // namespace eider::catalog
