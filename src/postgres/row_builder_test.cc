#include "postgres/row_builder.h"

#include <gtest/gtest.h>

#include "columnar/json_encoder.h"
#include "postgres/wire_fixture.h"

namespace eider::postgres {
namespace {

using columnar::JsonForm;
using columnar::Shape;
using testing::Array;
using testing::Big;
using testing::Null;
using testing::Numeric;
using testing::Record;
using testing::Sized;

constexpr TypeId kInt4Array = 1007;
constexpr TypeId kTextArray = 1009;
constexpr TypeId kRecordArray = 2287;

// One column, its rows as JSON by Arrow type.
class OneColumn {
 public:
  explicit OneColumn(TypeId type) : rows_(RowBuilder::Make({{"v", type}}, types_).value()) {}

  void Add(std::optional<std::string> value) {
    const Status added = rows_->Append(0, value ? std::optional<std::string_view>(*value) : std::nullopt);
    EXPECT_TRUE(added) << added.error().message;
    rows_->EndRow();
  }

  std::string Json(JsonForm form = JsonForm::kValue) {
    Shape shape;
    shape.form = form;
    shape.column = 0;
    Shape root;
    root.form = JsonForm::kObject;
    root.members.push_back(shape);
    const columnar::Batch batch = rows_->Finish();
    const auto encoder = columnar::JsonEncoder::Create(root, *batch.schema(), {});
    if (!encoder) return encoder.error().message;
    std::string text;
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      std::string object;
      (*encoder)->AppendRow(batch, row, object);
      text.append(row == 0 ? "" : " ").append(object.substr(4, object.size() - 5));
    }
    return text;
  }

  RowBuilder& rows() { return *rows_; }

 private:
  TypeCatalog types_;
  std::unique_ptr<RowBuilder> rows_;
};

std::string JsonOf(TypeId type, std::initializer_list<std::optional<std::string>> values) {
  OneColumn column(type);
  for (const auto& value : values) column.Add(value);
  return column.Json();
}

TEST(RowBuilder, ReadsScalars) {
  EXPECT_EQ(JsonOf(kBool, {std::string("\1"), std::nullopt, std::string(1, '\0')}), "true null false");
  EXPECT_EQ(JsonOf(kInt2, {Big(std::int16_t{-2})}), "-2");
  EXPECT_EQ(JsonOf(kInt4, {Big(std::int32_t{-2}), std::nullopt}), "-2 null");
  EXPECT_EQ(JsonOf(kInt8, {Big(INT64_MIN)}), "-9223372036854775808");
  EXPECT_EQ(JsonOf(kOid, {Big(std::uint32_t{4'000'000'000})}), "4000000000");
  EXPECT_EQ(JsonOf(kFloat8, {Big(std::bit_cast<std::uint64_t>(0.1)), Big(std::uint64_t{0x7FF8000000000000})}),
            "0.1 null");
  EXPECT_EQ(JsonOf(kFloat4, {Big(std::bit_cast<std::uint32_t>(0.1F))}), "0.1");
  EXPECT_EQ(JsonOf(kNumeric, {Numeric(0, 0, {12, 5000}), std::nullopt, Numeric(0, 0xC000, {})}), "12.5 null null");
  EXPECT_EQ(JsonOf(kText, {std::string("a\"b"), std::string()}), R"("a\"b" "")");
  EXPECT_EQ(JsonOf(kBytea, {std::string("\x01\x02")}), R"("AQI=")");
  EXPECT_EQ(JsonOf(kUuid, {std::string("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef")}),
            R"("01234567-89ab-cdef-0123-456789abcdef")");
}

TEST(RowBuilder, ReadsTimes) {
  EXPECT_EQ(JsonOf(kDate, {Big(std::int32_t{0}), Big(std::int32_t{-730'119}), Big(INT32_MAX), Big(INT32_MIN)}),
            R"("2000-01-01" "0001-01-01" "infinity" "-infinity")");
  EXPECT_EQ(JsonOf(kTimestamp, {Big(std::int64_t{1'500'000}), Big(INT64_MAX), Big(INT64_MIN)}),
            R"("2000-01-01T00:00:01.5Z" "infinity" "-infinity")");
  EXPECT_EQ(JsonOf(kTimestamptz, {Big(std::int64_t{0})}), R"("2000-01-01T00:00:00Z")");
  EXPECT_EQ(JsonOf(kTime, {Big(std::int64_t{1})}), R"("00:00:00.000001000")");
  EXPECT_EQ(JsonOf(kTimetz, {Big(std::int64_t{0}) + Big(std::int32_t{3600})}), R"("00:00:00.000000000")");
  EXPECT_EQ(JsonOf(kInterval, {Big(std::int64_t{3'600'000'000}) + Big(std::int32_t{2}) + Big(std::int32_t{14})}),
            R"("P14M2DT1H")");
}

TEST(RowBuilder, InlinesJson) {
  OneColumn column(kJsonb);
  column.Add(std::string("\1{\"a\": 1}"));
  EXPECT_EQ(column.Json(JsonForm::kJson), R"({"a": 1})");
}

TEST(RowBuilder, ReadsArraysOfAnyDimension) {
  EXPECT_EQ(JsonOf(kInt4Array, {Array(kInt4, {Sized(Big(std::int32_t{1})), Null()}), Array(kInt4, {}), std::nullopt}),
            "[1,null] [] null");
  const std::string square = Big(std::int32_t{2}) + Big(std::int32_t{0}) + Big(kInt2) + Big(std::int32_t{1}) +
                             Big(std::int32_t{1}) + Big(std::int32_t{2}) + Big(std::int32_t{1}) +
                             Sized(Big(std::int16_t{5})) + Sized(Big(std::int16_t{6}));
  EXPECT_EQ(JsonOf(1005, {square}), "[5,6]");
}

TEST(RowBuilder, LearnsWhatRecordsHold) {
  OneColumn column(kRecordArray);
  column.Add(std::nullopt);
  column.Add(Array(kRecord, {}));
  EXPECT_EQ(column.Json(), "null []");
  const auto unknown = column.rows().schema();
  column.Add(std::nullopt);
  column.Add(Array(kRecord, {Null()}));
  column.Add(Array(kRecord, {Sized(Record({{kInt4, Sized(Big(std::int32_t{1}))},
                                           {kTextArray, Sized(Array(kText, {Sized("x")}))},
                                           {kRecordArray, Null()}}))}));
  EXPECT_EQ(column.Json(), R"(null [null] [{"f1":1,"f2":["x"],"f3":null}])");
  const auto known = column.rows().schema();
  EXPECT_NE(unknown, known);
  column.Add(Array(kRecord, {}));
  EXPECT_EQ(column.Json(), "[]");
  EXPECT_EQ(column.rows().schema(), known);
}

TEST(RowBuilder, EndsBatchesByRowsAndBytes) {
  OneColumn numbers(kInt4);
  for (int i = 0; i < 2047; ++i) numbers.Add(Big(std::int32_t{1}));
  EXPECT_FALSE(numbers.rows().is_full());
  numbers.Add(std::nullopt);
  EXPECT_TRUE(numbers.rows().is_full());
  OneColumn texts(kText);
  texts.Add(std::string(1 << 20, 'x'));
  EXPECT_TRUE(texts.rows().is_full());
  texts.rows().Reset();
  EXPECT_TRUE(texts.rows().is_empty());
  texts.Add("y");
  EXPECT_EQ(texts.Json(), "\"y\"");
}

TEST(RowBuilder, RefusesBytesOfAnotherType) {
  const auto refuses = [](TypeId type, const std::string& bytes) {
    OneColumn column(type);
    return !column.rows().Append(0, bytes);
  };
  for (const TypeId type : {kBool, kInt2, kInt4, kInt8, kFloat4, kFloat8, kDate, kTime, kTimestamp, kInterval, kUuid,
                            kJsonb, kNumeric, kInt4Array, kRecord, kRecordArray}) {
    EXPECT_TRUE(refuses(type, "")) << type;
    EXPECT_TRUE(refuses(type, "abc")) << type;
  }
  EXPECT_TRUE(refuses(kInt4Array, Array(kText, {Sized("x")})));
  EXPECT_TRUE(refuses(kInt4Array, Big(INT32_MAX) + std::string(40, 'x')));
  EXPECT_TRUE(refuses(kRecord, Record({{9'999'999, Null()}})));
  EXPECT_TRUE(refuses(kRecord, Big(INT32_MAX)));
  EXPECT_TRUE(refuses(kInterval, Big(INT64_MAX) + Big(std::int64_t{0})));
}

TEST(RowBuilder, RefusesRowsOfDifferentKinds) {
  OneColumn column(kRecord);
  column.Add(Record({{kInt4, Null()}}));
  EXPECT_FALSE(column.rows().Append(0, Record({{kText, Null()}})));
  EXPECT_FALSE(column.rows().Append(0, Record({})));
}

TEST(RowBuilder, RefusesTypesThatCannotBeRead) {
  TypeCatalog types;
  constexpr TypeId kInet = 869;
  const auto rows = RowBuilder::Make({{"v", kInet}}, types);
  ASSERT_FALSE(rows);
  EXPECT_NE(rows.error().message.find("cast them to text"), std::string::npos);
}

}  // namespace
}  // namespace eider::postgres
