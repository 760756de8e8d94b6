#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session_pool.h"
#include "sources/column_types.h"

namespace eider::sources {

// Column types in PostgreSQL's words ("numeric(10,2)", "timestamp with time zone", "mood"). See ColumnTypeLookup.
class PgColumnTypes final : public ColumnTypeLookup {
 public:
  // Reads the columns of all tables and views.
  static Result<std::unique_ptr<ColumnTypeLookup>> Read(std::shared_ptr<engine::SessionPool> sessions);

  // Members of composite types that hold bytes or UUIDs are told as "column.member", at any depth.
  std::optional<ColumnTypes> Find(const catalog::DataObject& object) override;
  bool IsGenerated(const catalog::DataObject& object, const std::string& column) override;
  std::int64_t EstimateRows(const catalog::DataObject& object) override;
  // The server finds its own tables by the names that the view has.
  std::string Qualify(const std::string& view_sql, const std::string& /*catalog*/) override { return view_sql; }

 private:
  explicit PgColumnTypes(std::shared_ptr<engine::SessionPool> sessions) : sessions_(std::move(sessions)) {}
  std::optional<ColumnTypes> DescribeQuery(const catalog::DataObject& object);
  void AddTypedMembers(ColumnTypes& types) const;
  void AddMembersOf(const std::string& path, std::string_view type, ColumnTypes& types) const;

  struct TypedMember {
    std::string name;
    std::string type;
    bool is_composite = false;  // Only its members count.
  };

  const std::shared_ptr<engine::SessionPool> sessions_;
  std::map<std::string, ColumnTypes> relations_;                   // By "schema"."table".
  std::map<std::string, std::int64_t> estimates_;                  // Likewise; those that the server has.
  std::map<std::string, std::vector<TypedMember>> typed_members_;  // By the composite type's name.
  std::set<std::string> generated_;                                // "schema"."table"."column".
};

}  // namespace eider::sources
