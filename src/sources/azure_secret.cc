#include "sources/azure_secret.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "base/digest.h"
#include "base/text.h"

// Connection strings: https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
namespace eider::sources {
namespace {

using Settings = std::vector<std::pair<std::string_view, std::string_view>>;
using Names = std::span<const std::string_view>;

constexpr std::string_view kOfConnection[] = {"AccountName", "AccountKey", "SharedAccessSignature", "BlobEndpoint"};
constexpr std::string_view kOfPrincipal[] = {"TenantId", "ClientId", "ClientSecret"};
// Both APIs of a container: blobs, and the files of a data lake.
constexpr std::string_view kBlobSchemes[] = {"azure://", "az://"};
constexpr std::string_view kLakeSchemes[] = {"abfss://", "abfs://"};

Error Refused(std::string message) { return Error(ErrorCode::kBadInput, "a storage of type azure " + message); }

// `a=1;b=2`; what has no sign is a name without a value.
Settings SettingsOf(std::string_view text) {
  Settings settings;
  for (const std::string_view part : SplitText(text, ';')) {
    if (part.empty()) continue;
    const std::size_t sign = std::min(part.find('='), part.size());
    settings.emplace_back(part.substr(0, sign), part.substr(std::min(sign + 1, part.size())));
  }
  return settings;
}

std::string_view Find(const Settings& settings, std::string_view name) {
  for (const auto& [known, value] : settings) {
    if (known == name) return value;
  }
  return {};
}

bool HasAny(const Settings& settings, Names names) {
  return std::any_of(names.begin(), names.end(), [&](const auto name) { return !Find(settings, name).empty(); });
}

bool IsSignature(std::string_view secret) {
  const std::vector<std::string_view> parts = SplitText(secret, '&');
  return std::any_of(parts.begin(), parts.end(), [](const auto part) { return part.starts_with("sig="); });
}

bool IsAccountKey(const std::string& secret) {
  const auto bytes = FromBase64(secret);
  return bytes && !bytes->empty() && Base64(*bytes) == secret;
}

bool IsAccountName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](const char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

Status CheckArguments(const ObjectStorage& storage) {
  for (const auto& [name, value] : {std::pair("region", &storage.region), std::pair("kms_key_id", &storage.kms_key_id),
                                    std::pair("account_id", &storage.account_id)}) {
    if (!value->empty()) return Refused("takes no " + std::string(name) + ": leave it empty");
  }
  if (storage.url_compatibility) return Refused("takes no url_compatibility: leave it out");
  if (!storage.url_style.empty() && storage.url_style != "path" && storage.url_style != "vhost") {
    return Refused("takes the url_style \"path\", \"vhost\" or none");
  }
  if (storage.endpoint.find_first_of(" ;?#@'\"\n\t") != std::string::npos) {
    return Refused("takes as endpoint a host, with port and path where it has them");
  }
  return {};
}

// Where the account is, when not at Azure itself: as `url_style` says, and by name in Azure's other clouds.
std::string AddressOf(const ObjectStorage& storage) {
  const std::string& account = storage.key;
  std::string address = storage.endpoint;
  while (address.ends_with('/')) address.pop_back();
  if (address.empty()) return {};
  if (storage.url_style == "path") return address.ends_with("/" + account) ? address : address + "/" + account;
  const bool is_by_name = storage.url_style == "vhost" || address.starts_with("blob.");
  return !is_by_name || address.starts_with(account + ".") ? address : account + "." + address;
}

Status CheckAccount(const ObjectStorage& storage) {
  if (!IsAccountName(storage.key)) return Refused("needs the account's name as key: letters and digits");
  if (storage.url_style == "path" && storage.endpoint.empty()) {
    return Refused("with url_style \"path\" needs an endpoint: Azure's own has the account in the host's name");
  }
  return {};
}

struct Credentials {
  std::string sql;           // Provider and its parameters.
  bool has_address = false;  // Of blobs alone; the engine would look for the data lake elsewhere.
};

Result<Credentials> OfConnection(const ObjectStorage& storage, const Settings& settings) {
  const std::string_view account = Find(settings, "AccountName");
  if (!storage.endpoint.empty() || !storage.url_style.empty() || !storage.use_ssl) {
    return Refused("with a connection string takes no endpoint, url_style and use_ssl: the string says them");
  }
  if (!storage.key.empty() && !account.empty() && storage.key != account) {
    return Refused("has another account in the connection string than as key: leave the key empty");
  }
  std::string text = storage.secret;
  if (account.empty() && !storage.key.empty()) {
    EIDER_RETURN_IF_ERROR(CheckAccount(storage));
    text.insert(0, "AccountName=" + storage.key + ";");
  }
  if (account.empty() && Find(settings, "BlobEndpoint").empty() && storage.key.empty()) {
    return Refused("needs AccountName or BlobEndpoint in the connection string");
  }
  return Credentials{"PROVIDER config, CONNECTION_STRING " + QuoteLiteral(text), false};
}

Result<Credentials> OfPrincipal(const ObjectStorage& storage, const Settings& settings) {
  EIDER_RETURN_IF_ERROR(CheckAccount(storage));
  if (settings.size() != std::size(kOfPrincipal))
    return Refused("takes of a principal TenantId, ClientId, ClientSecret");
  for (const std::string_view name : kOfPrincipal) {
    if (Find(settings, name).empty()) return Refused("needs of a principal also the " + std::string(name));
  }
  std::string address = AddressOf(storage);
  if (!address.empty() && (!address.starts_with(storage.key + ".") || address.find('/') != std::string::npos)) {
    return Refused("with a principal takes an endpoint such as blob.core.usgovcloudapi.net, without url_style");
  }
  if (!storage.use_ssl) return Refused("with a principal is reached by HTTPS only: leave use_ssl out");
  std::string sql = "PROVIDER service_principal, ACCOUNT_NAME " + QuoteLiteral(storage.key) + ", TENANT_ID " +
                    QuoteLiteral(Find(settings, "TenantId")) + ", CLIENT_ID " +
                    QuoteLiteral(Find(settings, "ClientId")) + ", CLIENT_SECRET " +
                    QuoteLiteral(Find(settings, "ClientSecret"));
  if (!address.empty()) sql.append(", ENDPOINT ").append(QuoteLiteral(address.substr(storage.key.size() + 1)));
  return Credentials{std::move(sql), !address.empty()};
}

// The account with its key, a signature or nothing, as a connection string.
Result<Credentials> OfAccount(const ObjectStorage& storage) {
  EIDER_RETURN_IF_ERROR(CheckAccount(storage));
  std::string text = "AccountName=" + storage.key;
  if (IsSignature(storage.secret)) {
    text.append(";SharedAccessSignature=").append(storage.secret, storage.secret.starts_with('?') ? 1 : 0);
  } else if (IsAccountKey(storage.secret)) {
    text.append(";AccountKey=").append(storage.secret);
  } else if (!storage.secret.empty()) {
    return Refused(
        "needs as secret the account's key in base64, a shared access signature, a connection string, or "
        "TenantId=...;ClientId=...;ClientSecret=...");
  }
  const std::string scheme = storage.use_ssl ? "https" : "http";
  const std::string address = AddressOf(storage);
  const std::string cloud = storage.key + ".blob.";
  const bool is_cloud = address.starts_with(cloud) && address.find_first_of(":/") == std::string::npos;
  if (address.empty() || is_cloud) {
    text.append(";DefaultEndpointsProtocol=").append(scheme);
    if (is_cloud) text.append(";EndpointSuffix=").append(address, cloud.size());
    return Credentials{"PROVIDER config, CONNECTION_STRING " + QuoteLiteral(text), false};
  }
  text.append(";BlobEndpoint=").append(scheme).append("://").append(address);
  return Credentials{"PROVIDER config, CONNECTION_STRING " + QuoteLiteral(text), true};
}

Result<Credentials> CredentialsOf(const ObjectStorage& storage) {
  const Settings settings = SettingsOf(storage.secret);
  if (HasAny(settings, kOfPrincipal)) return OfPrincipal(storage, settings);
  if (HasAny(settings, kOfConnection)) return OfConnection(storage, settings);
  return OfAccount(storage);
}

// The engine compares the beginnings of URLs: a container is meant in whatever way it is written.
Result<std::string> ScopeSql(const std::string& scope, bool has_address) {
  std::vector<std::string_view> schemes(std::begin(kBlobSchemes), std::end(kBlobSchemes));
  if (!has_address) schemes.insert(schemes.end(), std::begin(kLakeSchemes), std::end(kLakeSchemes));
  const std::size_t end = scope.find("://");
  const std::size_t place = end == std::string::npos ? 0 : end + 3;
  const std::string_view scheme = std::string_view(scope).substr(0, place);
  if (place != 0 && std::find(schemes.begin(), schemes.end(), scheme) == schemes.end()) {
    return Refused(has_address ? "with an endpoint of its own takes a scope at azure:// or az://"
                               : "takes a scope at azure://, az://, abfss:// or abfs://");
  }
  std::string sql;
  for (const std::string_view each : schemes) {
    sql.append(sql.empty() ? "" : ", ").append(QuoteLiteral(std::string(each) + scope.substr(place)));
  }
  return "SCOPE (" + sql + ")";
}

}  // namespace

Result<std::string> AzureSecretSql(const ObjectStorage& storage) {
  EIDER_RETURN_IF_ERROR(CheckArguments(storage));
  EIDER_ASSIGN_OR_RETURN(const Credentials credentials, CredentialsOf(storage));
  EIDER_ASSIGN_OR_RETURN(const std::string scope, ScopeSql(storage.scope, credentials.has_address));
  return "CREATE OR REPLACE TEMPORARY SECRET " + QuoteIdentifier(storage.name) + " (TYPE azure, " + credentials.sql +
         ", " + scope + ")";
}

std::vector<std::string> AzureSecretParts(const std::string& secret) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : SettingsOf(secret)) {
    if (name == "AccountKey" || name == "SharedAccessSignature" || name == "ClientSecret") parts.emplace_back(value);
  }
  for (const std::string_view part : SplitText(secret, '&')) {
    if (part.starts_with("sig=")) parts.emplace_back(part.substr(4));
  }
  return parts;
}

}  // namespace eider::sources
