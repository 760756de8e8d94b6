#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace eider::graphql {

// A place in a document. Both are 1-based; a column counts UTF-16 code units, as the reference implementation does.
struct Location {
  uint32_t line = 0;
  uint32_t column = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

// One entry of the `errors` list of an answer, without `extensions`.
struct GraphqlError {
  std::string message;
  std::vector<Location> locations;
  std::vector<std::variant<std::string, int64_t>> path;
};

// A value or the error of a document, in contrast to eider::Result, which is about everything else.
template <class T>
using GraphqlResult = tl::expected<T, GraphqlError>;

}  // namespace eider::graphql
