#pragma once

struct sockaddr;

namespace eider::fetch {

// Whether an address belongs to the machine's own link or to a cloud's metadata service: 169.254.0.0/16, fe80::/10,
// well-known metadata addresses, and IPv6 forms that lead to them. No request goes there unless it is allowed to.
bool IsLinkLocal(const sockaddr& address);

}  // namespace eider::fetch
