#pragma once

#include <string>
#include <string_view>

#include "engine/session.h"

namespace eider::sources {

// What the engine has for a source that it reads no tables of: an empty database named `catalog`. `verb` is ATTACH or
// ATTACH OR REPLACE. Fails with kSourceUnavailable.
Status AttachEmpty(engine::Session& session, std::string_view verb, const std::string& catalog);

}  // namespace eider::sources
