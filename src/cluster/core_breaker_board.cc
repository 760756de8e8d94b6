#include "cluster/core_breaker_board.h"

#include <cstdlib>

#include "base/text.h"

namespace eider::cluster {
namespace {

std::string Before(std::chrono::milliseconds time) {
  return "clock_timestamp() - INTERVAL '" + std::to_string(time.count()) + " milliseconds'";
}

}  // namespace

Status CoreBreakerBoard::Tell(const std::vector<Told>& told) {
  CoreChange change;
  for (const Told& one : told) {
    const std::string source = QuoteLiteral(one.source);
    const std::string node = QuoteLiteral(node_);
    if (one.failures == 0) {
      change.statements.push_back("DELETE FROM " + Table() + " WHERE source = " + source + " AND node = " + node);
      continue;
    }
    change.statements.push_back("INSERT INTO " + Table() + " (source, node, failures, failed_at) VALUES (" + source +
                                ", " + node + ", " + std::to_string(one.failures) + ", " + Before(one.age) +
                                ") ON CONFLICT (source, node) DO UPDATE SET failures = EXCLUDED.failures, failed_at = "
                                "EXCLUDED.failed_at");
  }
  // Nodes that are gone take nothing back.
  change.statements.push_back("DELETE FROM " + Table() + " WHERE failed_at < " + Before(2 * kBreakerWindow));
  return store_.Apply(change);
}

Status CoreBreakerBoard::Clear(const std::set<std::string>& sources) {
  CoreChange change;
  for (const std::string& source : sources) {
    change.statements.push_back("DELETE FROM " + Table() + " WHERE source = " + QuoteLiteral(source));
  }
  return store_.Apply(change);
}

Result<BreakerBoard::Reports> CoreBreakerBoard::Look(const std::set<std::string>& sources) {
  EIDER_ASSIGN_OR_RETURN(const auto rows,
                         store_.Read("SELECT source, node, failures::text FROM " + Table() + " WHERE failed_at > " +
                                     Before(kBreakerWindow) + " ORDER BY source, node"));
  Reports reports;
  for (const engine::TextRow& row : rows) {
    const std::string source = row[0].value_or("");
    if (!sources.contains(source)) continue;
    reports[source].push_back({row[1].value_or(""), std::atoi(row[2].value_or("0").c_str())});
  }
  return reports;
}

}  // namespace eider::cluster
