#pragma once

#include "base/deadline.h"
#include "fetch/url.h"

namespace eider::fetch {

// Whether the server of `url` takes connections; nothing is sent to it. Link-local addresses are not tried. Blocks
// until the deadline at most, and while the name is looked up.
bool TakesConnections(const Url& url, const Deadline& deadline);

}  // namespace eider::fetch
