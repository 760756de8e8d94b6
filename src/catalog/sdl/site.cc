#include "catalog/sdl/site.h"

#include <fmt/format.h>

namespace eider::catalog {

Error Problem(const Site& site, std::string_view rule, std::string_view text) {
  const graphql::Location at = site.document->Locate(site.position);
  return Error(ErrorCode::kBadInput,
               fmt::format("{}:{}:{}: [{}] {}", site.document->file_name(), at.line, at.column, rule, text));
}

Error NotSupported(const Site& site, std::string_view what) {
  return Problem(site, "VALIDATE/Supported", fmt::format("{} is not supported yet", what));
}

}  // namespace eider::catalog
