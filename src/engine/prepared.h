#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/crew_experience.h"
#include "engine/duckdb_handles.h"
#include "engine/parameter_binder.h"
#include "engine/result_schema.h"
#include "engine/session.h"

namespace eider::engine {

// A statement prepared on one connection, with what can be known before it runs. Not thread-safe.
class DuckPrepared final : public PreparedStatement {
 public:
  // Prepares `sql`, one statement. Fails with kBadInput and the engine's text.
  static Result<std::shared_ptr<DuckPrepared>> Prepare(duckdb_connection connection, std::string_view sql);

  explicit DuckPrepared(PreparedHandle handle);
  int parameter_count() const override { return binder_.parameter_count(); }

  duckdb_prepared_statement handle() const { return handle_.get(); }
  duckdb_statement_type type() const { return type_; }
  // Whether running it may change the rows of a table, or make changes visible.
  bool MayChangeRows() const;
  // Whether the plan still holds for rows of `data_version`: the engine answers count, min and max over whole tables
  // from their statistics while it prepares, and keeps what it found.
  bool IsCurrent(std::uint64_t data_version) const { return !reads_statistics_ || data_version_ == data_version; }
  void MadeAt(std::uint64_t data_version, std::string_view sql);
  const ParameterBinder& binder() const { return binder_; }
  ResultSchema& result_schema() { return result_schema_; }
  CrewExperience& experience() { return experience_; }

 private:
  PreparedHandle handle_;
  duckdb_statement_type type_;
  ParameterBinder binder_;
  ResultSchema result_schema_;
  CrewExperience experience_;
  bool reads_statistics_ = false;
  std::uint64_t data_version_ = 0;
};

}  // namespace eider::engine
