#include "sources/object_storages.h"

#include <rapidjson/document.h>

#include "base/text.h"
#include "engine/text_rows.h"

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

std::string SecretSql(const ObjectStorage& storage) {
  std::string sql = "CREATE OR REPLACE SECRET " + QuoteIdentifier(storage.name) + " (TYPE " + storage.type +
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
  for (const std::string& secret : {storage.key, storage.secret}) {
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
  if (storage.name.empty()) return Error(ErrorCode::kBadInput, "the storage needs a name");
  if (storage.type == "s3" || storage.type == "r2" || storage.type == "gcs") return {};
  return Error(ErrorCode::kBadInput, "unknown object storage type \"" + storage.type + "\": s3, r2 or gcs");
}

Status MakeUsable(engine::Session& session, const ObjectStorage& storage) {
  EIDER_RETURN_IF_ERROR(session.LoadExtension("httpfs"));
  if (auto done = session.Run(SecretSql(storage)); !done) return WithoutSecrets(std::move(done).error(), storage);
  return {};
}

// Runs a statement that changes rows, and counts them.
Result<std::int64_t> Change(engine::Session& session, std::string_view sql, const engine::Parameters& values) {
  EIDER_ASSIGN_OR_RETURN(const auto cursor, session.Query(sql, values, {}));
  while (true) {
    EIDER_ASSIGN_OR_RETURN(const auto batch, cursor->Next());
    if (!batch) return cursor->rows_changed();
  }
}

std::string Text(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return "";
  return {found->value.GetString(), found->value.GetStringLength()};
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
  storage.region = Text(parameters, "region");
  storage.endpoint = Text(parameters, "endpoint");
  storage.url_style = Text(parameters, "url_style");
  storage.kms_key_id = Text(parameters, "kms_key_id");
  storage.account_id = Text(parameters, "account_id");
  storage.use_ssl = Flag(parameters, "use_ssl", true);
  storage.url_compatibility = Flag(parameters, "url_compatibility", false);
  return storage;
}

}  // namespace

Result<std::string> ObjectStorages::Sealed(const std::string& name, const char* column,
                                           const std::string& secret) const {
  if (cipher_ == nullptr || secret.empty()) return secret;
  return cipher_->Seal(secret, std::string("object_storages|") + column + "|" + name);
}

Status ObjectStorages::Register(const ObjectStorage& storage) {
  EIDER_RETURN_IF_ERROR(Check(storage));
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  EIDER_RETURN_IF_ERROR(MakeUsable(*session, storage));
  EIDER_ASSIGN_OR_RETURN(const std::string key, Sealed(storage.name, "key", storage.key));
  EIDER_ASSIGN_OR_RETURN(const std::string secret, Sealed(storage.name, "secret", storage.secret));
  const engine::Parameters values = {storage.name, storage.type, storage.scope, key, secret, ParametersJson(storage)};
  auto kept = Change(*session,
                     "INSERT OR REPLACE INTO core.eider.object_storages (name, type, scope, key, secret, parameters) "
                     "VALUES ($1, $2, $3, $4, $5, $6)",
                     values);
  if (!kept) return WithoutSecrets(std::move(kept).error(), storage);
  return {};
}

Status ObjectStorages::Unregister(const std::string& name) {
  EIDER_ASSIGN_OR_RETURN(const engine::SessionPool::Lease session, sessions_.Acquire());
  EIDER_ASSIGN_OR_RETURN(
      const std::int64_t deleted,
      Change(*session, "DELETE FROM core.eider.object_storages WHERE name = $1", engine::Parameters{name}));
  if (deleted == 0) return Error(ErrorCode::kNotFound, "object storage not found");
  auto dropped = session->Run("DROP SECRET IF EXISTS " + QuoteIdentifier(name));
  if (!dropped) return std::move(dropped).error();
  return {};
}

std::vector<std::string> ObjectStorages::Restore() {
  std::vector<std::string> failures;
  auto session = sessions_.Acquire();
  if (!session) return {session.error().message};
  auto rows = engine::ReadTextRows(
      **session,
      "SELECT name, type, scope, key, secret, parameters::VARCHAR FROM core.eider.object_storages ORDER BY name");
  if (!rows) return {rows.error().message};
  for (const engine::TextRow& row : *rows) {
    ObjectStorage storage = FromRow(row);
    if (cipher_ != nullptr) {
      auto key = cipher_->Unseal(storage.key, "object_storages|key|" + storage.name);
      auto secret = cipher_->Unseal(storage.secret, "object_storages|secret|" + storage.name);
      if (!key || !secret) {
        failures.push_back("object storage " + storage.name + ": " + (key ? secret : key).error().message);
        continue;
      }
      storage.key = std::move(*key);
      storage.secret = std::move(*secret);
    }
    if (Status done = MakeUsable(**session, storage); !done) {
      failures.push_back("object storage " + storage.name + ": " + done.error().message);
    }
  }
  return failures;
}

}  // namespace eider::sources
