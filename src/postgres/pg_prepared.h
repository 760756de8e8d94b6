#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/session.h"
#include "postgres/pg_connection.h"
#include "postgres/row_builder.h"

namespace eider::postgres {

// A statement that the server has prepared on one connection, with the builder of its rows. Not thread-safe.
class PgPrepared final : public engine::PreparedStatement {
 public:
  // Prepares `sql` under `name`. Columns whose values cannot be read are asked for as text. Fails with kBadInput and
  // the server's message.
  static Result<std::shared_ptr<PgPrepared>> Prepare(PgConnection& connection, std::string_view sql, std::string name,
                                                     const engine::Limits& limits);

  int parameter_count() const override { return parameter_count_; }

  const std::string& sql() const { return sql_; }
  const std::string& name() const { return name_; }
  // Whether the connection that it was prepared on is still `connection`'s.
  bool BelongsTo(const PgConnection& connection) const { return generation_ == connection.generation(); }
  RowBuilder& rows() { return *rows_; }

 private:
  PgPrepared() = default;
  Result<std::vector<ResultColumn>> PrepareText(PgConnection& connection, const std::string& sql,
                                                const engine::Limits& limits);

  std::string sql_;
  std::string name_;
  std::uint64_t generation_ = 0;
  int parameter_count_ = 0;
  std::unique_ptr<RowBuilder> rows_;
};

}  // namespace eider::postgres
