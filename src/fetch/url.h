#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace eider::fetch {

// The parts of an absolute http or https URL. `origin` is scheme, host and port, always with the port.
struct Url {
  std::string scheme;
  std::string host;
  std::string port;
  std::string user;      // Decoded; empty = none.
  std::string password;  // Decoded.
  std::string path;      // As written; "/" at least.
  std::string query;     // As written, without "?"; empty = none.

  std::string origin() const { return scheme + "://" + host + ":" + port; }
  // Without user, password and query, for messages.
  std::string Shown() const;
};

// Reads `text`; kBadInput when it is no http or https URL with a host.
Result<Url> ParseUrl(std::string_view text);

// `reference` as seen from the document `base`, absolute. Fails as ParseUrl().
Result<std::string> ResolveUrl(const std::string& base, const std::string& reference);

// `text` without anything that may be secret. Never fails.
std::string ShownUrl(std::string_view text);

// Everything but letters, digits and "-._~" as %XX.
std::string EncodeUrl(std::string_view text);

}  // namespace eider::fetch
