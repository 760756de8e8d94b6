#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"

// Keys of rows that the engine has, handed over to a PostgreSQL server as one text, so that it answers only the rows
// which a join or a look-up of the statement can meet. A text is gathered by a query of its own (Statement::Fetches).
namespace eider::planner {

// More keys than this are not handed over.
constexpr std::int64_t kMostKeys = 20000;

// How the keys of one column travel.
struct KeyForm {
  std::string_view server;  // The server's type that the column is compared in.
  std::string_view engine;  // The engine's type of the values; what is none of it can match no row.
  bool is_dated = false;    // The two write years outside of 1 to 9999 differently.
};

// How values of `near`, a column of any source, are compared with `far`, a column of a PostgreSQL source; nothing where
// the server could tell values apart that the engine takes for equal.
std::optional<KeyForm> KeyFormOf(const catalog::Column& far, const catalog::Column& near);

struct HandedKey {
  const catalog::Column* column = nullptr;  // Of the server's table.
  KeyForm form;
  std::string name;  // Of the keys, in the rows that they are gathered from.
};

// The columns of `far` whose keys can be handed over, `names` being those of `near`; by position.
std::vector<HandedKey> HandedKeys(const std::vector<const catalog::Column*>& far,
                                  const std::vector<const catalog::Column*>& near,
                                  const std::vector<std::string>& names);

// The query of the engine that gathers `keys` from `rows`, a query: one text, a condition of the server that begins
// with AND; empty when there are so many keys that reading all rows is cheaper.
std::string GatherConditionSql(const std::vector<HandedKey>& keys, const std::string& rows);

// The same for one key as the text of an array. REQUIRES: the key is not dated.
std::string GatherArraySql(const HandedKey& key, const std::string& rows);

}  // namespace eider::planner
