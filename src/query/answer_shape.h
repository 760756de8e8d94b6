#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graphql/collect.h"

namespace eider::query {

// What a member of an answer's data is to who cuts the answer into messages.
enum class ShapeKind {
  kModule,  // An object that only leads to others.
  kRows,    // A list of objects.
  kValue,   // Anything else.
};

// The members of an answer's data by response names, down to where data begins.
struct AnswerShape {
  ShapeKind kind = ShapeKind::kModule;
  std::vector<std::pair<std::string, AnswerShape>> members = {};  // Of a kModule.

  // The member called `name`, or nullptr.
  const AnswerShape* Find(std::string_view name) const {
    for (const auto& [known, shape] : members) {
      if (known == name) return &shape;
    }
    return nullptr;
  }
};

// The shape of what `query`, a field that answers with type `root`, selects. REQUIRES: a valid document.
AnswerShape ShapeOf(const graphql::CollectContext& context, const graphql::CollectedField& query,
                    const graphql::Type& root);

}  // namespace eider::query
