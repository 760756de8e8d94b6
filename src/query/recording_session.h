#pragma once

#include <deque>
#include <memory>
#include <string>

#include "engine/session.h"

namespace eider::query {

// One statement that ran for a change.
struct RanStatement {
  std::string sql;
  engine::Parameters parameters;
  std::int64_t rows = 0;  // Changed or read.
  std::int64_t time_ns = 0;
};

// Passes everything on to a session of the caller and writes down what is run. Lives no longer than that session and
// the list.
class RecordingSession final : public engine::Session {
 public:
  RecordingSession(engine::Session& session, std::deque<RanStatement>& log) : session_(session), log_(log) {}

  Result<std::shared_ptr<engine::PreparedStatement>> Prepare(std::string_view sql) override;
  Result<std::unique_ptr<engine::Cursor>> Execute(const std::shared_ptr<engine::PreparedStatement>& statement,
                                                  const engine::Parameters& parameters,
                                                  const engine::Limits& limits) override;
  Result<std::unique_ptr<engine::Cursor>> Query(std::string_view sql, const engine::Parameters& parameters,
                                                const engine::Limits& limits) override;
  Result<std::int64_t> Run(std::string_view sql, const engine::Limits& limits) override;
  Result<std::int64_t> CopyIn(std::string_view sql, const engine::CopySource& rows,
                              const engine::Limits& limits) override;
  Status LoadExtension(std::string_view name) override { return session_.LoadExtension(name); }
  Status SetTimeZone(std::string_view zone) override { return session_.SetTimeZone(zone); }
  void Interrupt() noexcept override { session_.Interrupt(); }
  bool reusable() const override { return session_.reusable(); }

 private:
  RanStatement& Note(std::string_view sql, const engine::Parameters& parameters);

  engine::Session& session_;
  std::deque<RanStatement>& log_;
  std::shared_ptr<engine::PreparedStatement> prepared_;  // The last one, which Execute() is called with.
  std::string prepared_sql_;
};

}  // namespace eider::query
