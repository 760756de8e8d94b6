#pragma once

#include <string>
#include <string_view>

#include "columnar/shape.h"
#include "planner/bound.h"
#include "planner/statement.h"

// The `struct` argument of JSON fields: a template such as {rating: "float", tags: [{id: "bigint"}]}.
namespace eider::planner {

// A type word of a template.
struct TemplateWord {
  std::string_view word;
  std::string_view engine_type;  // The embedded engine's.
  catalog::ScalarKind kind;
  columnar::JsonForm form;
};
// The word of a template's leaf, or nullptr.
const TemplateWord* FindTemplateWord(const BoundValue& leaf);

// Fails for a leaf that is no type word.
void FailTemplate(Statement& statement, const BoundValue& leaf);

// The template as the JSON text that the embedded engine's json_transform() takes.
std::string JsonStructureText(Statement& statement, const BoundValue& shape);

// The shape of one template value read from container column `column`.
columnar::Shape JsonTemplateShape(const BoundValue& shape, int column);

}  // namespace eider::planner
