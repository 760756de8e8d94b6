#include "cluster/core_secrets.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/digest.h"
#include "base/secret_text.h"
#include "base/text.h"
#include "cluster/key_check.h"
#include "cluster/sealed_columns.h"
#include "engine/change_rows.h"
#include "engine/text_function.h"
#include "engine/text_rows.h"

namespace eider::cluster {
namespace {

using Argument = engine::TextFunction::Argument;
using Answer = Result<std::optional<std::string>>;

constexpr std::size_t kShortestKey = 12;
constexpr std::size_t kGoodKey = 24;
constexpr std::size_t kHintChars = 4;
constexpr std::size_t kHashChars = 64;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kMostFresh = 1024;
constexpr std::size_t kNameBytes = 16;

std::string_view Or(const Argument& argument, std::string_view otherwise) { return argument.value_or(otherwise); }

Answer Sealed(const CoreCipher& cipher, std::span<const Argument> arguments) {
  const Argument& value = arguments[0];
  const Argument& stored = arguments[1];
  const Argument& stored_for = arguments[2];
  const Argument& place = arguments[3];
  std::string known;
  if (stored) {
    auto plain = cipher.Unseal(*stored, Or(stored_for, ""));
    // Without the old text a new one without *** can still be stored.
    if (!plain && !value) return plain.error();
    if (plain) known = std::move(*plain);
  }
  if (!value && !stored) return std::optional<std::string>();
  std::string text = known;
  if (value) {
    EIDER_ASSIGN_OR_RETURN(text, RestoreSecrets(*value, known));
  }
  if (text.empty()) return std::optional<std::string>("");
  auto sealed = cipher.Seal(text, Or(place, ""));
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(known.data(), known.size());
  if (!sealed) return sealed.error();
  return std::optional<std::string>(std::move(*sealed));
}

Answer Shown(const CoreCipher& cipher, bool whole, std::span<const Argument> arguments) {
  if (!arguments[0]) return std::optional<std::string>();
  auto plain = cipher.Unseal(*arguments[0], Or(arguments[1], ""));
  if (!plain) return std::optional<std::string>(kRedacted);
  if (whole) return std::optional<std::string>(std::move(*plain));
  std::string shown = RedactSecrets(*plain);
  OPENSSL_cleanse(plain->data(), plain->size());
  return std::optional<std::string>(std::move(shown));
}

}  // namespace

std::string CoreSecrets::Hash(std::string_view key) const {
  return HexText(HmacSha256(pepper_, key)) + ":" +
         std::string(key.substr(key.size() - std::min(key.size(), kHintChars)));
}

std::optional<std::string> CoreSecrets::HashOf(std::string_view stored) {
  if (stored.size() <= kHashChars || stored[kHashChars] != ':') return std::nullopt;
  const std::string_view hash = stored.substr(0, kHashChars);
  if (hash.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return std::string(hash);
}

Result<std::string> CoreSecrets::StoredKey(std::string_view key) const {
  if (key.size() < kShortestKey) return Error(ErrorCode::kBadInput, "api key is too short");
  return Hash(key);
}

Result<std::string> CoreSecrets::NewKey(const std::optional<std::string_view>& given, std::string_view transaction) {
  std::string key;
  if (given) {
    if (given->size() < kShortestKey) return Error(ErrorCode::kBadInput, "api key is too short");
    if (given->size() < kGoodKey && warn_) warn_("an api key has fewer than 24 characters and may be guessed");
    key = *given;
  } else {
    EIDER_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kKeyBytes));
    key = "eid_" + Base64Url(bytes);
  }
  std::string stored = Hash(key);
  MutexLock lock(mutex_);
  if (fresh_.insert_or_assign(stored, Fresh{std::string(transaction), std::move(key)}).second) {
    fresh_order_.push_back(stored);
  }
  if (fresh_order_.size() > kMostFresh) {
    fresh_.erase(fresh_order_.front());
    fresh_order_.pop_front();
  }
  return stored;
}

std::string CoreSecrets::ShownKey(std::string_view stored, std::string_view transaction) {
  {
    MutexLock lock(mutex_);
    if (!fresh_.empty()) {
      const auto found = fresh_.find(std::string(stored));
      if (found != fresh_.end() && found->second.transaction == transaction) return found->second.key;
    }
  }
  const std::size_t hint = stored.size() > kHashChars ? kHashChars + 1 : stored.size();
  return "****" + std::string(stored.substr(hint));
}

Status CoreSecrets::Register(engine::Database& database) {
  const auto add = [&](const char* name, int arguments, bool is_volatile,
                       std::function<Answer(std::span<const Argument>)> call) {
    return database.AddTextFunction({name, arguments, is_volatile, std::move(call)});
  };
  EIDER_RETURN_IF_ERROR(add("eider_sealed", 4, true, [cipher = cipher_](std::span<const Argument> arguments) {
    return Sealed(*cipher, arguments);
  }));
  EIDER_RETURN_IF_ERROR(add("eider_shown", 2, false, [cipher = cipher_](std::span<const Argument> arguments) {
    return Shown(*cipher, false, arguments);
  }));
  // Whoever writes SQL for a source cannot know the name.
  EIDER_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(kNameBytes));
  secret_reader_ = "eider_whole_" + HexText(Sha256(bytes)).substr(0, 2 * kNameBytes);
  EIDER_RETURN_IF_ERROR(add(secret_reader_.c_str(), 2, false, [cipher = cipher_](std::span<const Argument> arguments) {
    return Shown(*cipher, true, arguments);
  }));
  EIDER_RETURN_IF_ERROR(add("eider_new_key", 2, true, [this](std::span<const Argument> arguments) -> Answer {
    EIDER_ASSIGN_OR_RETURN(std::string stored, NewKey(arguments[0], Or(arguments[1], "")));
    return std::optional<std::string>(std::move(stored));
  }));
  EIDER_RETURN_IF_ERROR(add("eider_key_hash", 1, false, [this](std::span<const Argument> arguments) -> Answer {
    if (!arguments[0]) return std::optional<std::string>();
    return std::optional<std::string>(Hash(*arguments[0]));
  }));
  return add("eider_key_shown", 2, true, [this](std::span<const Argument> arguments) -> Answer {
    if (!arguments[0]) return std::optional<std::string>();
    return std::optional<std::string>(ShownKey(*arguments[0], Or(arguments[1], "")));
  });
}

namespace {

// Where the key of hashes lies in `secret_settings`.
constexpr std::string_view kPepperPlace = "secret_settings|value|pepper";

std::string SelectSealed(const SealedColumn& place) {
  return "SELECT name, " + QuoteIdentifier(place.column) + ", " +
         (place.version == nullptr ? "''" : "CAST(" + QuoteIdentifier(place.version) + " AS VARCHAR)") +
         " AS version FROM core.eider." + place.table;
}

Status Execute(engine::Session& session, std::string_view sql, const engine::Parameters& parameters) {
  EIDER_RETURN_IF_ERROR(engine::ChangeRows(session, sql, parameters));
  return {};
}

// Encrypts what an older version left readable.
Status SealOldRows(engine::Session& session, const CoreCipher& cipher, const SealedColumn& place) {
  const std::string table = std::string("core.eider.") + place.table;
  const std::string column = QuoteIdentifier(place.column);
  EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(session, SelectSealed(place)));
  for (const engine::TextRow& row : rows) {
    const std::string text = row[1].value_or("");
    if (text.empty() || CoreCipher::IsSealed(text)) continue;
    const std::string of = PlaceOfRow(place, row);
    EIDER_ASSIGN_OR_RETURN(const std::string sealed, cipher.Seal(text, of));
    EIDER_RETURN_IF_ERROR(Execute(session, "UPDATE " + table + " SET " + column + " = $1 WHERE name = $2",
                                  {sealed, row[0].value_or("")}));
  }
  return {};
}

}  // namespace

Status CoreSecrets::CheckKey(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(
      const auto known,
      engine::ReadTextRows(session, "SELECT value FROM core.eider.secret_settings WHERE name = 'key'"));
  if (known.empty()) {
    return Execute(session, "INSERT INTO core.eider.secret_settings (name, value) VALUES ('key', $1)",
                   {cipher_->fingerprint()});
  }
  const std::string stored = known[0][0].value_or("");
  if (stored == cipher_->fingerprint()) return {};
  const auto former = cipher_->PepperOf(stored);
  if (!former) return Error(ErrorCode::kCoreUnavailable, "core encryption key does not match");
  // What was hashed before the pepper was stored was hashed with the former key's.
  pepper_ = *former;
  if (warn_) warn_("the core database is still encrypted with a former key: run eider keys rotate");
  return {};
}

Status CoreSecrets::AdoptPepper(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(
      const auto known,
      engine::ReadTextRows(session, "SELECT value FROM core.eider.secret_settings WHERE name = 'pepper'"));
  if (known.empty()) return SealPepper(session);
  return TakePepper(known[0][0].value_or(""));
}

Status CoreSecrets::TakePepper(const std::string& sealed) {
  EIDER_ASSIGN_OR_RETURN(const std::string hex, cipher_->Unseal(sealed, kPepperPlace));
  const auto digest = DigestFromHex(hex);
  if (!digest) return Error(ErrorCode::kCoreUnavailable, "the core database has no readable key for hashes");
  pepper_ = BytesOf(*digest);
  return {};
}

Result<std::string> CoreSecrets::SealedPepper() const {
  Digest digest{};
  std::copy_n(pepper_.begin(), std::min(pepper_.size(), digest.size()), digest.begin());
  return cipher_->Seal(HexText(digest), kPepperPlace);
}

namespace {

// Replaces the key of hashes in a database that nodes share.
std::string StorePepper(const CoreStore& store, const std::string& sealed) {
  return "UPDATE " + store.Table("settings") + " SET value = to_jsonb(" + QuoteLiteral(sealed) +
         "::text) WHERE key = 'api_key_pepper'";
}

}  // namespace

// What was hashed before a key of hashes was stored was hashed with the former key's.
Result<bool> CoreSecrets::TakeFormerPepper(const std::string& written_with) {
  if (written_with.empty() || written_with == cipher_->fingerprint()) return false;
  const auto former = cipher_->PepperOf(written_with);
  if (!former) return Error(ErrorCode::kCoreUnavailable, "core encryption key does not match");
  pepper_ = *former;
  return true;
}

Status CoreSecrets::AdoptSharedReadOnly(CoreStore& store, const std::string& written_with) {
  EIDER_RETURN_IF_ERROR(TakeFormerPepper(written_with));
  EIDER_ASSIGN_OR_RETURN(const std::string known, StoredSetting(store, "api_key_pepper"));
  return known.empty() ? Status() : TakePepper(known);
}

Status CoreSecrets::AdoptShared(CoreStore& store, const std::string& written_with) {
  const std::string table = store.Table("settings");
  const std::string setting = "api_key_pepper";
  EIDER_ASSIGN_OR_RETURN(const bool is_former, TakeFormerPepper(written_with));
  EIDER_ASSIGN_OR_RETURN(auto known, StoredSetting(store, setting));
  if (known.empty()) {
    EIDER_ASSIGN_OR_RETURN(const std::string sealed, SealedPepper());
    // Another node may be the first one; what is there then holds.
    EIDER_RETURN_IF_ERROR(store.Apply({{"INSERT INTO " + table + " (key, value) VALUES ('api_key_pepper', to_jsonb(" +
                                        QuoteLiteral(sealed) + "::text)) ON CONFLICT (key) DO NOTHING"},
                                       {},
                                       {}}));
    EIDER_ASSIGN_OR_RETURN(known, StoredSetting(store, setting));
  }
  if (known.empty()) return Error(ErrorCode::kCoreUnavailable, "the core database has no key for hashes");
  EIDER_RETURN_IF_ERROR(TakePepper(known));
  if (!is_former) return {};
  // The former key will be gone one day.
  EIDER_ASSIGN_OR_RETURN(const std::string sealed, SealedPepper());
  return store.Apply({{StorePepper(store, sealed)}, {}, {}});
}

Status CoreSecrets::SealPepper(engine::Session& session) {
  EIDER_ASSIGN_OR_RETURN(const std::string sealed, SealedPepper());
  EIDER_RETURN_IF_ERROR(Execute(session, "DELETE FROM core.eider.secret_settings WHERE name = 'pepper'", {}));
  return Execute(session, "INSERT INTO core.eider.secret_settings (name, value) VALUES ('pepper', $1)", {sealed});
}

Result<int> CoreSecrets::Rotate(engine::Session& session) {
  EIDER_RETURN_IF_ERROR(session.Run("BEGIN TRANSACTION"));
  auto count = Reseal(session);
  if (count) {
    if (auto done = session.Run("COMMIT"); !done) return std::move(done).error();
    return count;
  }
  (void)session.Run("ROLLBACK");
  return count;
}

Result<std::string> CoreSecrets::Resealed(const std::string& sealed, const std::string& place) const {
  EIDER_ASSIGN_OR_RETURN(std::string plain, cipher_->Unseal(sealed, place));
  auto again = cipher_->Seal(plain, place);
  OPENSSL_cleanse(plain.data(), plain.size());
  return again;
}

Result<int> CoreSecrets::Reseal(engine::Session& session) {
  int count = 0;
  for (const SealedColumn& place : kSealedColumns) {
    if (place.is_shared_only) continue;
    const std::string table = std::string("core.eider.") + place.table;
    const std::string column = QuoteIdentifier(place.column);
    EIDER_ASSIGN_OR_RETURN(const auto rows, engine::ReadTextRows(session, SelectSealed(place)));
    for (const engine::TextRow& row : rows) {
      const std::string name = row[0].value_or("");
      const std::string of = PlaceOfRow(place, row);
      if (!CoreCipher::IsSealed(row[1].value_or(""))) continue;
      EIDER_ASSIGN_OR_RETURN(const std::string sealed, Resealed(*row[1], of));
      EIDER_RETURN_IF_ERROR(
          Execute(session, "UPDATE " + table + " SET " + column + " = $1 WHERE name = $2", {sealed, name}));
      // What was remembered of a source is a copy.
      if (place.version == nullptr) ++count;
    }
  }
  EIDER_RETURN_IF_ERROR(SealPepper(session));
  EIDER_RETURN_IF_ERROR(Execute(session, "UPDATE core.eider.secret_settings SET value = $1 WHERE name = 'key'",
                                {cipher_->fingerprint()}));
  return count;
}

Result<int> CoreSecrets::RotateShared(CoreStore& store) {
  // Whoever writes a row meanwhile makes the transaction fail, and it begins anew.
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    EIDER_ASSIGN_OR_RETURN(const CoreVersions versions, store.Versions(Deadline::After(CoreStore::kPatience)));
    CoreChange change;
    change.rows_version = versions.rows;
    EIDER_ASSIGN_OR_RETURN(const int count, ResealShared(store, change.statements));
    const Status done = store.Apply(change);
    if (done) return count;
    if (done.error().code != ErrorCode::kConstraint || i == kTries) return done.error();
  }
}

Result<int> CoreSecrets::ResealShared(CoreStore& store, std::vector<std::string>& statements) const {
  int count = 0;
  for (const SealedColumn& place : kSealedColumns) {
    const std::string table = store.Table(place.table);
    const std::string column = QuoteIdentifier(place.column);
    const std::string key = "CAST(" + QuoteIdentifier(place.key) + " AS text)";
    const std::string version =
        place.version == nullptr ? "''" : "CAST(" + QuoteIdentifier(place.version) + " AS text)";
    EIDER_ASSIGN_OR_RETURN(const auto rows,
                           store.Read("SELECT " + key + ", " + column + ", " + version + " FROM " + table));
    for (const engine::TextRow& row : rows) {
      const std::string stored = row[1].value_or("");
      if (!CoreCipher::IsSealed(stored)) continue;
      EIDER_ASSIGN_OR_RETURN(const std::string sealed, Resealed(stored, PlaceOfRow(place, row)));
      statements.push_back("UPDATE " + table + " SET " + column + " = " + QuoteLiteral(sealed) + " WHERE " + key +
                           " = " + QuoteLiteral(row[0].value_or("")) + " AND " + column + " = " + QuoteLiteral(stored));
      if (place.version == nullptr) ++count;
    }
  }
  EIDER_ASSIGN_OR_RETURN(const std::string pepper, SealedPepper());
  statements.push_back(StorePepper(store, pepper));
  return count;
}

Status CoreSecrets::AdoptReadOnly(engine::Session& session) {
  const auto setting = [&](const char* name) {
    return engine::ReadTextRows(session, "SELECT value FROM core.eider.secret_settings WHERE name = $1",
                                engine::Parameters{std::string(name)});
  };
  EIDER_ASSIGN_OR_RETURN(const auto key, setting("key"));
  EIDER_RETURN_IF_ERROR(TakeFormerPepper(key.empty() ? "" : key[0][0].value_or("")));
  EIDER_ASSIGN_OR_RETURN(const auto pepper, setting("pepper"));
  return pepper.empty() ? Status() : TakePepper(pepper[0][0].value_or(""));
}

Status CoreSecrets::Adopt(engine::Session& session) {
  EIDER_RETURN_IF_ERROR(CheckKey(session));
  EIDER_RETURN_IF_ERROR(AdoptPepper(session));
  for (const SealedColumn& place : kSealedColumns) {
    if (!place.is_shared_only) EIDER_RETURN_IF_ERROR(SealOldRows(session, *cipher_, place));
  }
  EIDER_ASSIGN_OR_RETURN(const auto keys, engine::ReadTextRows(session, "SELECT name, key FROM core.eider.api_keys"));
  for (const engine::TextRow& row : keys) {
    const std::string key = row[1].value_or("");
    if (HashOf(key)) continue;
    EIDER_RETURN_IF_ERROR(
        Execute(session, "UPDATE core.eider.api_keys SET key = $1 WHERE name = $2", {Hash(key), row[0].value_or("")}));
  }
  return {};
}

}  // namespace eider::cluster
