#include "sources/object_storages.h"

#include <rapidjson/document.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/change_rows.h"
#include "engine/text_rows.h"
#include "sources/azure_secret.h"

namespace eider::sources {
namespace {

constexpr std::string_view kShown = "***";

// The parameters as the API shows them: without what is secret.
std::string ParametersJson(const ObjectStorage& storage) {
  std::string out = "{\"key\":\"***\",\"secret\":\"***\"";
  const auto add = [&](std::string_view name, const std::string& value) {
    out.append(",\"").append(name).append("\":");
    AppendJsonString(out, value);
  };
  add("region", storage.region);
  add("endpoint", storage.endpoint);
  add("url_style", storage.url_style);
  add("kms_key_id", storage.kms_key_id);
  add("account_id", storage.account_id);
  out.append(",\"use_ssl\":").append(storage.use_ssl ? "true" : "false");
  out.append(",\"url_compatibility\":").append(storage.url_compatibility ? "true" : "false");
  return out + "}";
}

Result<std::string> SecretSql(const ObjectStorage& storage) {
  if (storage.type == "azure") return AzureSecretSql(storage);
  std::string sql = "CREATE OR REPLACE TEMPORARY SECRET " + QuoteIdentifier(storage.name) + " (TYPE " + storage.type +
                    ", PROVIDER config, KEY_ID " + QuoteLiteral(storage.key) + ", SECRET " +
                    QuoteLiteral(storage.secret);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) sql.append(", ").append(name).append(" ").append(QuoteLiteral(value));
  };
  add("REGION", storage.region);
  add("ENDPOINT", storage.endpoint);
  add("URL_STYLE", storage.url_style);
  add("KMS_KEY_ID", storage.kms_key_id);
  add("ACCOUNT_ID", storage.account_id);
  add("SCOPE", storage.scope);
  sql.append(", USE_SSL ").append(storage.use_ssl ? "true" : "false");
  if (storage.url_compatibility) sql.append(", URL_COMPATIBILITY_MODE true");
  return sql + ")";
}

// The engine may quote the statement that it refuses.
Error WithoutSecrets(Error error, const ObjectStorage& storage) {
  std::vector<std::string> secrets = {storage.key, storage.secret};
  if (storage.type == "azure") {
    for (std::string& part : AzureSecretParts(storage.secret)) secrets.push_back(std::move(part));
  }
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    for (std::size_t at = error.message.find(secret); at != std::string::npos;
         at = error.message.find(secret, at + kShown.size())) {
      error.message.replace(at, secret.size(), kShown);
    }
  }
  error.notes.clear();
  return error;
}

Status Check(const ObjectStorage& storage) {
  constexpr std::size_t kLongestName = 128;
  const auto bad = [](std::string message) { return Error(ErrorCode::kBadInput, std::move(message)); };
  if (storage.name.empty()) return bad("the storage needs a name");
  if (storage.name.size() > kLongestName) return bad("the storage's name is longer than 128 bytes");
  if (storage.type == "s3" || storage.type == "r2" || storage.type == "gcs") return {};
  if (storage.type != "azure") {
    return bad("unknown object storage type \"" + storage.type + "\": s3, r2, gcs or azure");
  }
  const auto sql = AzureSecretSql(storage);
  return sql ? Status() : Status(sql.error());
}

Status LoadExtensionFor(engine::Session& session, const ObjectStorage& storage) {
  if (storage.type != "azure") return session.LoadExtension("httpfs");
  EIDER_RETURN_IF_ERROR(session.LoadExtension("azure"));
  // Its own choice of transport looks for the certificates of authorities at one path, where few systems have them.
  auto set = session.Run("SET GLOBAL azure_transport_option_type = 'curl'");
  return set ? Status() : Status(std::move(set).error());
}

// Whether the engine has a secret of that name.
Status Verify(engine::Session& session, const std::string& name) {
  const std::string sql = "SELECT 1 FROM duckdb_secrets() WHERE name = lower(" + QuoteLiteral(name) + ")";
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(session, sql));
  if (!rows.empty()) return {};
  return Error(ErrorCode::kInternal, "the engine has lost the storage's secret");
}

bool Flag(const rapidjson::Value& object, const char* name, bool otherwise) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() || !found->value.IsBool() ? otherwise : found->value.GetBool();
}

ObjectStorage FromRow(const engine::TextRow& row) {
  ObjectStorage storage;
  storage.name = row[0].value_or("");
  storage.type = row[1].value_or("");
  storage.scope = row[2].value_or("");
  storage.key = row[3].value_or("");
  storage.secret = row[4].value_or("");
  rapidjson::Document parameters;
  parameters.Parse(row[5].value_or("{}").c_str());
  if (parameters.HasParseError() || !parameters.IsObject()) return storage;
  storage.region = TextMember(parameters, "region");
  storage.endpoint = TextMember(parameters, "endpoint");
  storage.url_style = TextMember(parameters, "url_style");
  storage.kms_key_id = TextMember(parameters, "kms_key_id");
  storage.account_id = TextMember(parameters, "account_id");
  storage.use_ssl = Flag(parameters, "use_ssl", true);
  storage.url_compatibility = Flag(parameters, "url_compatibility", false);
  return storage;
}

// Takes "http://" or "https://" away and tells whether that differs from `use_ssl`.
std::string PlainEndpoint(std::string endpoint, bool use_ssl, std::string& note) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!endpoint.starts_with(scheme)) continue;
    endpoint.erase(0, scheme.size());
    while (endpoint.ends_with('/')) endpoint.pop_back();
    if ((scheme == "https://") != use_ssl) {
      note = "the endpoint says " + std::string(scheme) + ", but use_ssl: " + (use_ssl ? "true" : "false") + " holds";
    }
    return endpoint;
  }
  return endpoint;
}

}  // namespace

Result<ObjectStorage> NormalisedStorage(ObjectStorage storage, std::string& note) {
  storage.type = LowerAscii(storage.type);
  if (!storage.scope.empty() && storage.scope.find("://") == std::string::npos) {
    storage.scope.insert(0, storage.type + "://");
  }
  storage.endpoint = PlainEndpoint(std::move(storage.endpoint), storage.use_ssl, note);
  EIDER_RETURN_IF_ERROR(Check(storage));
  return storage;
}

Result<std::string> ObjectStorages::Sealed(const std::string& name, const char* column,
                                           const std::string& secret) const {
  if (cipher_ == nullptr || secret.empty()) return secret;
  return cipher_->Seal(secret, std::string("object_storages|") + column + "|" + name);
}

ObjectStorages::ObjectStorages(engine::SessionPool& sessions, std::shared_ptr<const cluster::CoreCipher> cipher,
                               Change change)
    : sessions_(sessions),
      cipher_(std::move(cipher)),
      change_(change ? std::move(change) : [this](const Work& work) -> Status {
        EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
        return work(*session);
      }) {}

Result<ObjectStorage> ObjectStorages::Unsealed(ObjectStorage storage) const {
  if (cipher_ == nullptr) return storage;
  EIDER_ASSIGN_OR_RETURN(storage.key, cipher_->Unseal(storage.key, "object_storages|key|" + storage.name));
  EIDER_ASSIGN_OR_RETURN(storage.secret, cipher_->Unseal(storage.secret, "object_storages|secret|" + storage.name));
  return storage;
}

Status ObjectStorages::MakeUsable(engine::Session& session, const ObjectStorage& storage) {
  EIDER_ASSIGN_OR_RETURN(const std::string sql, SecretSql(storage));
  const Digest digest = Sha256(sql);
  const auto made = made_.find(storage.name);
  if (made != made_.end() && EqualDigests(made->second, digest)) return Verify(session, storage.name);
  EIDER_RETURN_IF_ERROR(LoadExtensionFor(session, storage));
  if (auto done = session.Run(sql); !done) return WithoutSecrets(std::move(done).error(), storage);
  made_[storage.name] = digest;
  return Verify(session, storage.name);
}

Status ObjectStorages::Drop(engine::Session& session, const std::string& name) {
  auto dropped = session.Run("DROP TEMPORARY SECRET IF EXISTS " + QuoteIdentifier(name));
  if (!dropped) return std::move(dropped).error();
  made_.erase(name);
  return {};
}

Status ObjectStorages::Register(const ObjectStorage& storage, const Change& change) {
  EIDER_RETURN_IF_ERROR(Check(storage));
  const MutexLock lock(mutex_);
  {
    EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
    EIDER_RETURN_IF_ERROR(MakeUsable(*session, storage));
  }
  EIDER_ASSIGN_OR_RETURN(const std::string key, Sealed(storage.name, "key", storage.key));
  EIDER_ASSIGN_OR_RETURN(const std::string secret, Sealed(storage.name, "secret", storage.secret));
  Status kept = (change ? change : change_)([&](engine::Session& session) -> Status {
    const engine::Parameters values = {storage.name, storage.type, storage.scope, key, secret, ParametersJson(storage)};
    const auto written = engine::ChangeRows(
        session,
        "INSERT OR REPLACE INTO core.eider.object_storages (name, type, scope, key, secret, parameters) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        values);
    if (!written) return written.error();
    return {};
  });
  if (kept) return {};
  // The engine must not use what nobody remembers.
  made_[storage.name] = {};
  (void)SyncLocked();
  return WithoutSecrets(std::move(kept).error(), storage);
}

Status ObjectStorages::Unregister(const std::string& name, const Change& change) {
  const MutexLock lock(mutex_);
  EIDER_RETURN_IF_ERROR((change ? change : change_)([&](engine::Session& session) -> Status {
    EIDER_ASSIGN_OR_RETURN(const std::int64_t deleted,
                           engine::ChangeRows(session, "DELETE FROM core.eider.object_storages WHERE name = $1",
                                              engine::Parameters{name}));
    if (deleted == 0) return Error(ErrorCode::kNotFound, "object storage not found");
    return {};
  }));
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  return Drop(*session, name);
}

std::vector<std::string> ObjectStorages::Sync() {
  const MutexLock lock(mutex_);
  return SyncLocked();
}

std::vector<std::string> ObjectStorages::SyncLocked() {
  std::vector<std::string> failures;
  auto session = sessions_.Acquire();
  if (!session) return {session.error().message};
  auto rows = engine::ReadTextRows(
      **session,
      "SELECT name, type, scope, key, secret, parameters::VARCHAR FROM core.eider.object_storages ORDER BY name");
  if (!rows) return {rows.error().message};
  std::map<std::string, Digest> gone = made_;
  for (const engine::TextRow& row : *rows) {
    const std::string name = row[0].value_or("");
    gone.erase(name);
    const auto storage = Unsealed(FromRow(row));
    const Status done = storage ? MakeUsable(**session, *storage) : Status(storage.error());
    if (!done) failures.push_back("object storage " + name + ": " + done.error().message);
  }
  for (const auto& [name, digest] : gone) {
    if (const Status done = Drop(**session, name); !done) {
      failures.push_back("object storage " + name + ": " + done.error().message);
    }
  }
  return failures;
}

}  // namespace eider::sources
