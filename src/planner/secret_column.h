#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/model.h"

// SQL around columns of the core database that hold secrets; the functions are those of cluster/core_secrets.h.
namespace eider::planner {

// What is shown of the column of the row `alias`. `reader`: the engine's function for who may read connection texts
// whole; empty = nobody may.
std::string ShownSecret(const catalog::DataObject& object, const catalog::Column& column, std::string_view alias,
                        std::string_view reader);

// What an insert stores of `value` in the row with the key `key`.
std::string InsertedSecret(const catalog::DataObject& object, const catalog::Column& column, std::string_view value,
                           std::string_view key);

// What an update of the row `alias` stores of `value`; empty = the value stays. `key` is the row's new key.
std::string UpdatedSecret(const catalog::DataObject& object, const catalog::Column& column, std::string_view alias,
                          std::string_view value, std::string_view key);

// Columns of an update, quoted, and their new values.
using Assignments = std::vector<std::pair<std::string, std::string>>;

// Adds to an update that replaces a key: the former one stays valid for the time of `grace`.
void KeepKey(std::string_view alias, bool sets_grace, Assignments& assignments);

// What a key is compared with, given the SQL of a text.
std::string HashedKey(std::string_view value);

}  // namespace eider::planner
