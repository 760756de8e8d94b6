#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/compiler.h"

namespace eider::sources {

// What a source was found to be when it was compiled: its SDL, and what its database told of tables, views and
// functions. With it the same schema is compiled again without asking the source.
struct SourceModel {
  std::vector<catalog::SdlFile> introspected;
  std::vector<catalog::SdlFile> files;
  std::shared_ptr<const catalog::SourceAnswers> answers;  // Null = the database has to be asked.
};

// A model with answers as JSON and back. Fails with kInternal for text of another form.
std::string ToJson(const SourceModel& model);
Result<SourceModel> SourceModelFromJson(const std::string& json);

}  // namespace eider::sources
