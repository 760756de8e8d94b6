#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cluster/core_mirror.h"

namespace eider::cluster {

enum class MirrorKind { kText, kBoolean, kInteger, kDouble, kJson, kTimestamp, kInterval };

struct MirrorColumn {
  std::string_view name;
  MirrorKind kind = MirrorKind::kText;
};

// A table that is the same in the engine and in the shared database.
struct MirrorTable {
  std::string_view name;
  std::span<const MirrorColumn> columns;  // Those of the key first.
  std::size_t key_columns;
  bool is_access;  // Counts `permission_version` up.
};

std::span<const MirrorTable> MirrorTables();

// Where statements are for: the engine's copy, or the shared database.
enum class MirrorSide { kEngine, kShared };

// A query for all rows in text form, the same on both sides.
std::string SelectAll(const MirrorTable& table, MirrorSide side, const std::string& name);

MirrorRows ToMirrorRows(const MirrorTable& table, std::vector<engine::TextRow> rows);

// Statements that make `before` to `after`.
std::vector<std::string> Statements(const MirrorTable& table, MirrorSide side, const std::string& name,
                                    const MirrorRows& before, const MirrorRows& after);

}  // namespace eider::cluster
