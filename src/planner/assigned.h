#pragma once

#include <functional>
#include <string>

#include "planner/dialect.h"

namespace eider::planner {

// How the scalars of a written value stand in a statement.
struct AssignedOperands {
  // A bound parameter, written into `column` or one of its items.
  std::function<std::string(const catalog::Column& column, const BoundValue& value)> parameter;
  // A text (of any type with a text form, JSON included).
  std::function<std::string(const catalog::Column& column, const std::string& text)> text;
  // "true" or "false"; unset = as it is.
  std::function<std::string(const catalog::Column& column, const std::string& text)> boolean = {};
  // What a placeholder ("$auth.user_id") in the expression of `column` stands for; unset = NULL.
  std::function<std::string(const catalog::Column& column, std::string_view placeholder)> session = {};
};

// The SQL of a value that is written into `column`, or into a member of it (`is_member`).
std::string AssignedSql(const Dialect& dialect, const catalog::Column& column, const BoundValue& value,
                        const AssignedOperands& operands, bool is_member = false);

// The expression `text` of @default for `column` with [$field] replaced by what is written into that field of `data`.
std::string DefaultExpression(const Dialect& dialect, const catalog::DataObject& object, const catalog::Column& column,
                              const std::string& text, const BoundValue& data, const AssignedOperands& operands);

// The engine that runs statements which change rows of `object`.
const Dialect& WriterOf(const catalog::DataObject& object);

}  // namespace eider::planner
