#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/dialect.h"
#include "planner/handed_keys.h"

namespace eider::planner {

// Rows of a table of a PostgreSQL source inside a statement of the engine: the server answers a query of its own with
// the columns that are used, and with conditions and a limit that leave out rows which the statement would leave out
// itself. All of it only saves work; the statement around stays right without.
class SourcePart {
 public:
  // Of what stands in FROM for `object`. Nothing when that is anything but a whole table of PostgreSQL, such as one
  // whose rows a rule keeps back, or when the engine cannot ask for them.
  static std::optional<SourcePart> Of(const Statement& statement, const catalog::DataObject& object,
                                      std::string_view rows);

  // Keeps the rows whose columns are among the keys that the fetch `index` of the statement gathers.
  void AddKeys(int index) { fetches_.push_back(index); }
  // Keeps the rows whose `key` is in the array that the fetch `index` gathers.
  void SetArray(HandedKey key, int index) {
    array_key_ = std::move(key);
    array_ = index;
  }
  // Keeps the rows that the filter of `arguments` keeps, when the source can tell by itself. Then also puts them in
  // order and takes the first `limit`, when that is not negative and the order is one of columns.
  void AddArguments(const BoundField& arguments, const std::vector<BoundField>& selection, std::int64_t limit);
  // Whether the server leaves out any row.
  bool is_restricting() const { return array_key_ || !fetches_.empty() || !condition_.empty() || !tail_.empty(); }

  // What stands in FROM, without an alias; `used` is the text that reads columns of `alias`.
  std::string FromSql(Statement& statement, std::string_view alias, std::string_view used) const;

  // The same for few rows, whose text a fetch takes from the server by itself, so that the statement around stays
  // prepared. Nothing when a used column has values without a text that means the same to both. REQUIRES: SetArray()
  // alone was called.
  std::optional<std::string> FetchedSql(Statement& statement, std::string_view alias, std::string_view used) const;

 private:
  SourcePart(const catalog::DataObject& object, const Access* access) : object_(&object), access_(access) {}

  // The columns that `used` reads of `alias`; nothing when the server's values of one may come in another type.
  std::optional<std::string> Columns(std::string_view alias, std::string_view used) const;
  // Whether `used` reads the column of `alias`.
  static bool IsUsed(const catalog::Column& column, std::string_view alias, std::string_view used);
  std::string OrderSql(Statement& inner, const BoundField& arguments, const std::vector<BoundField>& selection) const;

  const catalog::DataObject* object_;
  const Access* access_;  // The rules of the statement around.
  std::vector<int> fetches_;
  std::optional<HandedKey> array_key_;
  int array_ = 0;
  std::shared_ptr<const Statement> inner_;  // In which the server's SQL below was made.
  std::string alias_;                       // Of the table in the server's query.
  std::string condition_;
  std::string tail_;  // ORDER BY and LIMIT.
};

// SQL of the server, made in `inner`, as an expression of the engine with literals for its placeholders; empty when a
// parameter cannot be written as one.
std::string EmbedSql(Statement& statement, const Statement& inner, std::string_view sql);

}  // namespace eider::planner
