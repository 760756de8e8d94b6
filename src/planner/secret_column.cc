#include "planner/secret_column.h"

#include "base/text.h"

namespace eider::planner {

using catalog::Column;
using catalog::DataObject;
using catalog::SecretKind;

namespace {

constexpr std::string_view kTransaction = "CAST(txid_current() AS VARCHAR)";

// The place of a value, for which alone it can be decrypted: 'data_sources|path|' || key.
std::string Place(const DataObject& object, const Column& column, std::string_view key) {
  return QuoteLiteral(object.declared_name + "|" + column.column + "|") + " || " + std::string(key);
}

std::string KeyOf(const DataObject& object, std::string_view alias) {
  return std::string(alias) + "." + QuoteIdentifier(object.primary_key.front()->column);
}

std::string Stored(const Column& column, std::string_view alias) {
  return std::string(alias) + "." + QuoteIdentifier(column.column);
}

std::string NewKey(std::string_view value) {
  return "eider_new_key(" + std::string(value) + ", " + std::string(kTransaction) + ")";
}

}  // namespace

std::string ShownSecret(const DataObject& object, const Column& column, std::string_view alias,
                        std::string_view reader) {
  const std::string stored = Stored(column, alias);
  if (column.secret == SecretKind::kKey) return "eider_key_shown(" + stored + ", " + std::string(kTransaction) + ")";
  return std::string(reader.empty() ? "eider_shown" : reader) + "(" + stored + ", " +
         Place(object, column, KeyOf(object, alias)) + ")";
}

std::string InsertedSecret(const DataObject& object, const Column& column, std::string_view value,
                           std::string_view key) {
  if (column.secret == SecretKind::kKey) return NewKey(value);
  return "eider_sealed(" + std::string(value) + ", NULL, NULL, " + Place(object, column, key) + ")";
}

std::string UpdatedSecret(const DataObject& object, const Column& column, std::string_view alias,
                          std::string_view value, std::string_view key) {
  if (column.secret == SecretKind::kKey) return NewKey(value);
  return "eider_sealed(" + std::string(value.empty() ? "NULL" : value) + ", " + Stored(column, alias) + ", " +
         Place(object, column, KeyOf(object, alias)) + ", " + Place(object, column, key) + ")";
}

void KeepKey(std::string_view alias, bool sets_grace, Assignments& assignments) {
  assignments.emplace_back("previous_key", std::string(alias) + ".\"key\"");
  assignments.emplace_back("rotated_at", "now()");
  if (!sets_grace) assignments.emplace_back("grace", "NULL");
}

std::string HashedKey(std::string_view value) { return "eider_key_hash(" + std::string(value) + ")"; }

}  // namespace eider::planner
