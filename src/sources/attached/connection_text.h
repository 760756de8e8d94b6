#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eider::sources {

// The settings of a connection by name, in the order written.
using ConnectionSettings = std::vector<std::pair<std::string, std::string>>;

// Reads `scheme://user:password@host:port/database?name=value` (parts percent-encoded, all optional) or
// `name=value name='quoted value'`. The parts of a URL are called user, password, host, port and database.
// Fails with kBadInput; the message never quotes the text.
Result<ConnectionSettings> ReadConnectionText(std::string_view text);

// Takes the value of `name` out of `settings`; empty when there is none.
std::string TakeSetting(ConnectionSettings& settings, std::string_view name);

// The value of `name`; empty when there is none.
std::string FindSetting(const ConnectionSettings& settings, std::string_view name);

// The text with percent-encoded bytes decoded.
std::string PercentDecoded(std::string_view text);

}  // namespace eider::sources
