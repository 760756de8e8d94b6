#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sources/object_storages.h"

namespace eider::sources {

// The statement that gives the engine the credentials of `storage`, which is of type azure. Its key is the account's
// name; its secret is the account's key, a shared access signature, a connection string, a service principal as
// `TenantId=…;ClientId=…;ClientSecret=…`, or empty for public containers. Fails with kBadInput for what cannot be
// applied; the message holds nothing secret.
Result<std::string> AzureSecretSql(const ObjectStorage& storage);

// What must not be shown of such a secret beside the whole of it.
std::vector<std::string> AzureSecretParts(const std::string& secret);

}  // namespace eider::sources
