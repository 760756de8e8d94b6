#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/compiler.h"
#include "sources/column_types.h"

namespace eider::sources {

// What a source was found to be when it was compiled: its SDL, and what its database told of tables, views and
// functions. With it the same schema is compiled again without asking the source.
struct SourceModel {
  std::vector<catalog::SdlFile> introspected;
  std::vector<catalog::SdlFile> files;
  std::map<std::string, std::optional<ColumnTypes>> columns;    // By object.
  std::set<std::string> generated;                              // Columns that the database computes.
  std::map<std::string, std::string> views;                     // SQL as written: as it is run.
  std::map<std::string, std::optional<std::string>> functions;  // Names as written: qualified.
  std::map<std::string, std::int64_t> rows;                     // By object, as the database guessed.
};

// A model as JSON and back. Fails with kInternal for text of another form.
std::string ToJson(const SourceModel& model);
Result<SourceModel> SourceModelFromJson(const std::string& json);

// Asks `inner` and writes its answers into `model`; both outlive it.
class RecordingTypes final : public ColumnTypeLookup {
 public:
  RecordingTypes(ColumnTypeLookup& inner, SourceModel& model) : inner_(inner), model_(model) {}

  std::optional<ColumnTypes> Find(const catalog::DataObject& object) override;
  bool IsGenerated(const catalog::DataObject& object, const std::string& column) override;
  std::string Qualify(const std::string& view_sql, const std::string& catalog) override;
  std::optional<std::string> FindFunction(const std::string& name, const std::string& catalog) override;
  std::int64_t EstimateRows(const catalog::DataObject& object) override;

 private:
  ColumnTypeLookup& inner_;
  SourceModel& model_;
};

// Answers as it was recorded. `model` outlives it.
class RecordedTypes final : public ColumnTypeLookup {
 public:
  explicit RecordedTypes(const SourceModel& model) : model_(model) {}

  std::optional<ColumnTypes> Find(const catalog::DataObject& object) override;
  bool IsGenerated(const catalog::DataObject& object, const std::string& column) override;
  std::string Qualify(const std::string& view_sql, const std::string& catalog) override;
  std::optional<std::string> FindFunction(const std::string& name, const std::string& catalog) override;
  std::int64_t EstimateRows(const catalog::DataObject& object) override;

 private:
  const SourceModel& model_;
};

}  // namespace eider::sources
