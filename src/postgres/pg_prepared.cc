#include "postgres/pg_prepared.h"

#include <algorithm>

#include "base/text.h"
#include "postgres/user_types.h"

namespace eider::postgres {
namespace {

bool IsReadable(const std::vector<ResultColumn>& columns, const TypeCatalog& types) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](const ResultColumn& column) { return CanRead(column.type, types); });
}

bool HasNewType(const std::vector<ResultColumn>& columns, const TypeCatalog& types) {
  return std::any_of(columns.begin(), columns.end(), [&](const ResultColumn& column) {
    return column.type >= kFirstUserType && types.Find(column.type).name.empty();
  });
}

// The same statement with the columns that cannot be read as text. A CTE also holds INSERT … RETURNING.
std::string WithTexts(const std::string& sql, const std::vector<ResultColumn>& columns, const TypeCatalog& types) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = "c" + std::to_string(i);
    names.append(i == 0 ? "" : ", ").append(name);
    values.append(i == 0 ? "" : ", ").append(name).append(CanRead(columns[i].type, types) ? "" : "::text");
    values.append(" AS ").append(QuoteIdentifier(columns[i].name));
  }
  return "WITH eider_result (" + names + ") AS (" + sql + ") SELECT " + values + " FROM eider_result";
}

std::vector<ResultColumn> ColumnsOf(const PGresult* description) {
  std::vector<ResultColumn> columns;
  for (int i = 0; i < PQnfields(description); ++i) {
    columns.push_back({PQfname(description, i), PQftype(description, i)});
  }
  return columns;
}

}  // namespace

Result<std::vector<ResultColumn>> PgPrepared::PrepareText(PgConnection& connection, const std::string& sql,
                                                          const engine::Limits& limits) {
  EIDER_RETURN_IF_ERROR(
      connection.Flush(PQsendPrepare(connection.raw(), name_.c_str(), sql.c_str(), 0, nullptr), limits));
  EIDER_ASSIGN_OR_RETURN(ResultHandle done, connection.Finish(limits));
  EIDER_RETURN_IF_ERROR(connection.Flush(PQsendDescribePrepared(connection.raw(), name_.c_str()), limits));
  EIDER_ASSIGN_OR_RETURN(done, connection.Finish(limits));
  parameter_count_ = PQnparams(done.get());
  return ColumnsOf(done.get());
}

Result<std::shared_ptr<PgPrepared>> PgPrepared::Prepare(PgConnection& connection, std::string_view sql,
                                                        std::string name, const engine::Limits& limits) {
  std::shared_ptr<PgPrepared> prepared(new PgPrepared());
  prepared->sql_ = sql;
  prepared->name_ = std::move(name);
  prepared->generation_ = connection.generation();
  const TypeCatalog& types = connection.database().types;
  EIDER_ASSIGN_OR_RETURN(std::vector<ResultColumn> columns, prepared->PrepareText(connection, prepared->sql_, limits));
  if (!types.is_complete() || HasNewType(columns, types)) EIDER_RETURN_IF_ERROR(LoadUserTypes(connection, limits));
  if (!IsReadable(columns, types)) {
    const std::string text = WithTexts(prepared->sql_, columns, types);
    const std::string drop = "DEALLOCATE " + prepared->name_;
    EIDER_RETURN_IF_ERROR(connection.Flush(PQsendQuery(connection.raw(), drop.c_str()), limits));
    EIDER_ASSIGN_OR_RETURN(const ResultHandle dropped, connection.Finish(limits));
    EIDER_ASSIGN_OR_RETURN(columns, prepared->PrepareText(connection, text, limits));
  }
  EIDER_ASSIGN_OR_RETURN(prepared->rows_, RowBuilder::Make(columns, types));
  return prepared;
}

}  // namespace eider::postgres
