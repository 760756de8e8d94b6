#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"
#include "graphql/collect.h"
#include "query/answer_shape.h"

namespace eider::query {

// The ordinary queries of a table that a subscriber's stream consists of. Their rows have the key in front, under
// `key_alias`, and stand where the subscriber's field would.
struct StreamQueries {
  static constexpr std::int64_t kPage = 1000;  // Rows of one answer.
  // So many keys before the greatest one are asked for again: transactions end in another order than they take keys.
  static constexpr std::int64_t kLate = 200;

  std::string rows;               // The rows after `after_variable`, by ascending key, one page.
  rapidjson::Document variables;  // What the subscriber sent that `rows` uses.
  std::string after_variable;
  std::string present;  // The keys of the last kLate rows.
  std::string key_alias;
  AnswerShape shape;
  std::string before_row;  // What stands before a row in a message of that shape.
};

// `path`: the subscriber's fields from the root to the stream, whose binding is a kStream.
StreamQueries MakeStreamQueries(const graphql::CollectContext& context, const graphql::OperationDefinition& operation,
                                const std::vector<graphql::CollectedField>& path, const rapidjson::Value& sent,
                                bool all_variables);

}  // namespace eider::query
