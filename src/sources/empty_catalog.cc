#include "sources/empty_catalog.h"

#include "base/text.h"

namespace eider::sources {

Status AttachEmpty(engine::Session& session, std::string_view verb, const std::string& catalog) {
  auto done = session.Run(std::string(verb) + " ':memory:' AS " + QuoteIdentifier(catalog));
  if (!done) return Error(ErrorCode::kSourceUnavailable, done.error().message);
  return {};
}

}  // namespace eider::sources
