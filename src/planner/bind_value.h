#pragma once

#include <optional>

#include "graphql/ast.h"
#include "planner/plan.h"
#include "planner/temporal_input.h"

namespace eider::planner {

// Turns resolved argument values into bound ones, adding parameters and key text to a BoundRoot. Used for one request.
class ValueBinder {
 public:
  ValueBinder(ZoneOffset zone, BoundRoot& root) : zone_(std::move(zone)), root_(root) {}

  // `parameters`: scalars become parameters; otherwise they are structure.
  BoundValue Bind(const graphql::Value& value, graphql::TypeRef type, bool parameters, graphql::Position position);

  // Whether nulls in lists of scalars are values, as in data, or stand for nothing, as in filters.
  void KeepNulls(bool keep) { keeps_nulls_ = keep; }

  // The arguments of a view: nested input objects as JSON, scalars as parameters.
  BoundValue BindViewArguments(const graphql::Value& value, const graphql::Type& type, graphql::Position position);

  // A whole JSON value, as structure: a literal, or a string that holds JSON text.
  BoundValue BindDocument(const graphql::Value& value, graphql::Position position);

  void Fail(graphql::Position position, std::string message);
  // The role may not do this.
  void Forbid(std::string what);
  const std::optional<PlanError>& error() const { return error_; }

 private:
  BoundValue BindObject(const graphql::Value& value, const graphql::Type& type, bool parameters,
                        graphql::Position position);
  BoundValue BindList(const graphql::Value& value, graphql::TypeRef item, bool parameters, graphql::Position position);
  BoundValue BindVector(const graphql::Value& value, const graphql::Type& type, graphql::Position position);
  BoundValue BindStructure(const graphql::Value& value, const graphql::Type& type, graphql::Position position);
  BoundValue BindJson(const graphql::Value& value, graphql::Position position);
  BoundValue AddParameter(engine::Value value, bool is_list, graphql::Position position);
  std::optional<engine::Value> Scalar(const graphql::Value& value, const graphql::Type& type,
                                      graphql::Position position);
  std::optional<engine::Value> Temporal(const graphql::Value& value, const graphql::Type& type,
                                        graphql::Position position);

  std::optional<engine::Value> Geometry(const graphql::Value& value, graphql::Position position);

  ZoneOffset zone_;
  BoundRoot& root_;
  bool keeps_nulls_ = false;
  std::optional<PlanError> error_;
};

}  // namespace eider::planner
