#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "catalog/testing/compile.h"
#include "graphql/collect.h"
#include "graphql/parser.h"
#include "planner/bind.h"
#include "planner/plan.h"

// How the tests of this folder compile small requests.
namespace eider::planner::testing {

// The plan and key of a field.
struct CompiledRequest {
  std::string key;
  Plan plan;
  engine::Parameters parameters;
};

// Compiles the one field of `selection` below `{ lib { … } }`.
inline CompiledRequest CompileRequest(const catalog::Snapshot& snapshot, const std::string& selection,
                                      std::int64_t default_limit = 0) {
  const auto document = graphql::Parse("{ lib { " + selection + " } }");
  EXPECT_TRUE(document.has_value()) << selection;
  const graphql::Variables variables;
  const graphql::CollectContext collect{*snapshot.schema, **document, variables};
  const auto roots =
      graphql::CollectFields(collect, *snapshot.schema->query(), (*document)->operations()[0]->selections);
  const auto fields = graphql::CollectSubfields(collect, *roots[0].definition->type.named(), roots[0]);
  auto bound = BindRoot({collect, {}}, fields[0]);
  EXPECT_TRUE(bound.has_value()) << selection;
  if (!bound) return {};
  auto plan = CompileQuery(bound->field, {default_limit});
  EXPECT_TRUE(plan.has_value()) << selection << ": " << (plan.has_value() ? "" : plan.error().error.message);
  if (!plan) return {};
  return {bound->key, **plan, bound->parameters};
}

}  // namespace eider::planner::testing
