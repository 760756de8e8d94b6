#pragma once

#include <memory>
#include <string>

#include "engine/connection.h"
#include "engine/value_conversion.h"

namespace eider::engine {

// SessionCasts by small statements on the session's own connection. REQUIRES: no cursor of it is open.
class ConnectionCasts final : public SessionCasts {
 public:
  explicit ConnectionCasts(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

  bool zone_is_utc() const override { return zone_is_utc_; }
  Result<std::optional<std::int64_t>> InstantInZone(const std::string& text) override;
  Result<bool> IsJson(const std::string& text) override;

  // Forgets what was prepared in the previous zone.
  void SetZone(bool is_utc);

 private:
  // Runs `sql`, of one VARCHAR parameter and one BIGINT row, prepared once in `statement`.
  Result<std::optional<std::int64_t>> Ask(PreparedHandle& statement, const char* sql, const std::string& text);

  const std::shared_ptr<Connection> connection_;
  bool zone_is_utc_ = false;
  PreparedHandle instant_;
  PreparedHandle json_;
};

}  // namespace eider::engine
