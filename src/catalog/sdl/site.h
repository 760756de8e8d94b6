#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "graphql/ast.h"

namespace eider::catalog {

// A place in an SDL file. Borrowed from the document, which outlives every use during a compilation.
struct Site {
  const graphql::Document* document = nullptr;
  graphql::Position position = 0;
};

// The error of a load: "<file>:<line>:<column>: [<rule>] <text>". `rule` is such as "VALIDATE/References".
Error Problem(const Site& site, std::string_view rule, std::string_view text);

// The same for something that a later version brings: "<what> is not supported yet".
Error NotSupported(const Site& site, std::string_view what);

}  // namespace eider::catalog
