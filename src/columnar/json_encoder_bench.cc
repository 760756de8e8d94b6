#include "columnar/json_encoder.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "columnar/arrow_builder.h"

namespace eider::columnar {
namespace {

constexpr std::int64_t kRows = 2048;

Shape ObjectOf(const std::vector<std::string>& keys) {
  Shape shape;
  shape.form = JsonForm::kObject;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Shape member;
    member.key = keys[i];
    member.column = static_cast<int>(i);
    shape.members.push_back(member);
  }
  return shape;
}

struct Columns {
  std::vector<std::int64_t> ids, instants;
  std::vector<std::int32_t> counts;
  std::vector<double> prices;
  std::vector<std::string> names, places;
  Columns() {
    for (std::int64_t i = 0; i < kRows; ++i) {
      ids.push_back(1'000'000 + i);
      counts.push_back(static_cast<std::int32_t>(i % 1000));
      prices.push_back(static_cast<double>(i * 7 % 10'000) / 100);
      instants.push_back(1'714'557'600'000'000 + i * 61'000'000);
      names.push_back("customer number " + std::to_string(i));
      places.push_back(i % 3 == 0 ? "Reykjavík" : "New York");
    }
  }
};

void Run(benchmark::State& state, const Shape& shape, const Batch& batch, const JsonOptions& options) {
  const auto encoder = JsonEncoder::Create(shape, *batch.schema(), options);
  std::string out;
  for (auto _ : state) {
    out.clear();
    (*encoder)->AppendRows(batch, 0, batch.rows(), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * out.size()));
  state.SetItemsProcessed(state.iterations() * batch.rows());
}

// Six columns as a list of rows has them: int, int, text, double, timestamp, text.
void MixedRow(benchmark::State& state) {
  const Columns columns;
  ArrowBuilder builder;
  JsonOptions options;
  if (state.range(0) != 0) options.zone = *LoadTimeZone("Europe/Berlin");
  const Batch batch =
      builder.ToBatch(kRows, {builder.Values("", "l", columns.ids), builder.Values("", "i", columns.counts),
                              builder.Text("", "u", columns.names), builder.Values("", "g", columns.prices),
                              builder.Values("", "tsu:UTC", columns.instants), builder.Text("", "u", columns.places)});
  Run(state, ObjectOf({"id", "count", "name", "price", "printed_at", "place"}), batch, options);
}
BENCHMARK(MixedRow)->Arg(0)->Arg(1)->ArgName("zone");

void OneColumn(benchmark::State& state, ArrowBuilder::Column* (*make)(ArrowBuilder&, const Columns&)) {
  const Columns columns;
  ArrowBuilder builder;
  const Batch batch = builder.ToBatch(kRows, {make(builder, columns)});
  Run(state, ObjectOf({"value"}), batch, {});
}
BENCHMARK_CAPTURE(OneColumn, int64, [](ArrowBuilder& b, const Columns& c) { return b.Values("", "l", c.ids); });
BENCHMARK_CAPTURE(OneColumn, text, [](ArrowBuilder& b, const Columns& c) { return b.Text("", "u", c.names); });
BENCHMARK_CAPTURE(OneColumn, double, [](ArrowBuilder& b, const Columns& c) { return b.Values("", "g", c.prices); });
BENCHMARK_CAPTURE(OneColumn, timestamp,
                  [](ArrowBuilder& b, const Columns& c) { return b.Values("", "tsu:", c.instants); });

}  // namespace
}  // namespace eider::columnar
