#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/role_directory.h"
#include "base/digest.h"
#include "cluster/role_record.h"

// What the roles of a node may do: the rows of `core.role_permissions` as tables for constant-time look-ups.
namespace eider::auth {

// What one permission row says. Filters and data are JSON objects as text; empty = none.
struct Rule {
  bool hidden = false;
  bool disabled = false;
  std::string filter;
  std::string data;
};

// The row that decides about a field, and how it was found.
struct Match {
  const Rule* rule = nullptr;  // Null: no row, so allowed and visible.
  bool names_type = false;     // The row names the type, not `*`.
};

// What is done with rows of a data object.
enum class Operation { kQuery, kInsert, kUpdate, kDelete };

// The rules of one role. Immutable, shared; any thread may read it.
class RoleRules {
 public:
  explicit RoleRules(cluster::RoleRecord record);
  RoleRules(const RoleRules&) = delete;
  RoleRules& operator=(const RoleRules&) = delete;

  // Differs from that of every other RoleRules of this process.
  std::uint64_t id() const { return id_; }
  // The same on every node for the same rows, and another for other rows: for results that are kept.
  const Digest& fingerprint() const { return fingerprint_; }
  const std::string& name() const { return record_.name; }
  bool can_impersonate() const { return record_.can_impersonate; }
  bool is_disabled() const { return record_.disabled; }
  // A filter or data of some row is no JSON object: the role may do nothing.
  const std::string& problem() const { return problem_; }
  bool is_usable() const { return !record_.disabled && problem_.empty(); }

  // No row at all, and no built-in guard: nothing has to be checked.
  bool is_free() const { return is_admin() && record_.rows.empty() && record_.secret_reader.empty(); }
  bool is_admin() const { return record_.name == "admin"; }
  // Some row is about fields rather than rows of data objects.
  bool has_field_rules() const { return has_field_rules_; }
  // Some row hides something.
  bool hides() const { return hides_; }

  // The row for a field of a type: (type, field), else (type, *), else (*, field), else (*, *).
  Match Field(std::string_view type, std::string_view field) const;
  // The row for a data object: the object's own, else that of `*`. Null = none.
  const Rule* Object(Operation operation, std::string_view object) const;
  // Whether a row names exactly `type`, and `field` or `*`, and is not disabled. The own row of `field` decides.
  bool Grants(std::string_view type, std::string_view field) const;

  const cluster::RoleLimits& limits() const { return record_.limits; }
  const cluster::RoleRecord& record() const { return record_; }
  // What the edge looks at.
  const std::shared_ptr<const RoleFacts>& facts() const { return facts_; }

 private:
  using Fields = std::unordered_map<std::string_view, const Rule*>;
  const Rule* Find(std::string_view type, std::string_view field) const;

  const cluster::RoleRecord record_;
  const std::uint64_t id_;
  const Digest fingerprint_;
  std::vector<Rule> rules_;
  std::unordered_map<std::string_view, Fields> types_;
  bool has_field_rules_ = false;
  bool hides_ = false;
  std::string problem_;
  std::shared_ptr<const RoleFacts> facts_;
};

// `data-object:query` and so on.
std::string_view RuleTypeOf(Operation operation);

// All roles as they were at one version. Immutable.
class PermissionSnapshot {
 public:
  // Takes over the rules of roles that did not change since `before`, which may be null.
  PermissionSnapshot(cluster::RoleRecords records, const PermissionSnapshot* before);

  std::int64_t version() const { return version_; }
  // Null when there is no such role.
  std::shared_ptr<const RoleRules> Find(std::string_view role) const;
  const std::map<std::string, std::shared_ptr<const RoleRules>, std::less<>>& roles() const { return roles_; }

 private:
  std::int64_t version_ = 0;
  std::map<std::string, std::shared_ptr<const RoleRules>, std::less<>> roles_;
};

// The roles of a node without a core database: `admin`, who may do everything.
std::shared_ptr<const PermissionSnapshot> OnlyAdmin();

}  // namespace eider::auth
