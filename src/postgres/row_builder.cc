#include "postgres/row_builder.h"

#include <utility>

#include "postgres/arrow_parts.h"

namespace eider::postgres {

RowBuilder::RowBuilder(std::vector<ResultColumn> columns, const TypeCatalog& types)
    : columns_(std::move(columns)),
      context_{types} {}

Result<std::unique_ptr<RowBuilder>> RowBuilder::Make(const std::vector<ResultColumn>& columns,
                                                     const TypeCatalog& types) {
  std::unique_ptr<RowBuilder> rows(new RowBuilder(columns, types));
  for (const ResultColumn& column : columns) {
    EIDER_ASSIGN_OR_RETURN(auto builder, MakeColumnBuilder(column.type, rows->context_));
    rows->builders_.push_back(std::move(builder));
  }
  return rows;
}

Status RowBuilder::Append(std::size_t column, std::optional<std::string_view> value) {
  if (!value) {
    builders_[column]->AppendNull();
    return {};
  }
  bytes_ += value->size();
  return builders_[column]->Append(*value);
}

columnar::Batch RowBuilder::Finish() {
  auto schema = this->schema();
  auto memory = std::make_unique<ArrayMemory>();
  memory->children.resize(builders_.size());
  for (std::size_t i = 0; i < builders_.size(); ++i) builders_[i]->Finish(memory->children[i]);
  Validity rows;
  for (std::int64_t i = 0; i < rows_; ++i) rows.AppendValue();
  ArrowArray array{};
  ExportArray(std::move(memory), rows, {}, array);
  rows_ = 0;
  bytes_ = 0;
  return {std::move(schema), array};
}

std::shared_ptr<const columnar::BatchSchema> RowBuilder::schema() {
  if (schema_ != nullptr && !context_.schema_changed) return schema_;
  std::vector<ArrowSchema> children(builders_.size());
  for (std::size_t i = 0; i < builders_.size(); ++i) builders_[i]->Describe(columns_[i].name, children[i]);
  ArrowSchema schema{};
  ExportSchema("", "+s", std::move(children), nullptr, schema);
  context_.schema_changed = false;
  schema_ = std::make_shared<const columnar::BatchSchema>(schema);
  return schema_;
}

void RowBuilder::Reset() {
  for (const auto& builder : builders_) builder->Reset();
  rows_ = 0;
  bytes_ = 0;
}

}  // namespace eider::postgres
