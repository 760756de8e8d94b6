#pragma once

#include <map>
#include <memory>
#include <string>

#include "auth/provider.h"
#include "auth/settings.h"
#include "base/result.h"

// Providers whose credential is a text that is compared.
namespace eider::auth {

// x-hugr-secret-key: role admin, unless further headers name role and user.
std::unique_ptr<Provider> MakeSecretKey(const std::string& key);

// x-hugr-secret, the plain secret that nodes of a cluster share.
std::unique_ptr<Provider> MakeClusterSecret(const std::string& secret);

// The keys of the auth file. Fails with kBadInput for claims that are no JSON object.
Result<std::unique_ptr<Provider>> MakeStaticKeys(const std::map<std::string, StaticKeySettings>& keys);

// `given` when it is not empty, else `otherwise`.
std::string OrElse(std::string_view given, std::string_view otherwise);

// The header called `name`; empty when there is no such name or header.
std::string_view NamedHeader(const Credentials& credentials, const std::string& name);

}  // namespace eider::auth
