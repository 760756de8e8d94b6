#pragma once

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
  const ParameterBinder& binder() const { return binder_; }
  ResultSchema& result_schema() { return result_schema_; }
  CrewExperience& experience() { return experience_; }

 private:
  PreparedHandle handle_;
  duckdb_statement_type type_;
  ParameterBinder binder_;
  ResultSchema result_schema_;
  CrewExperience experience_;
};

}  // namespace eider::engine
