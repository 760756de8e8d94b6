#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "columnar/json_encoder.h"
#include "engine/session.h"

// Time per statement through sessions, on a table of 1,000,000 rows with a primary key.
namespace eider::engine {
namespace {

constexpr std::int64_t kRows = 1'000'000;
const std::string kColumns = "t.id, t.count, t.name, t.price, t.printed_at, t.place";

template <class T>
T Must(Result<T> result) {
  if (result.ok()) return std::move(*result);
  std::abort();
}

Database& SharedDatabase() {
  static const std::unique_ptr<Database> database = [] {
    DatabaseOptions options;
    options.threads = 2;
    auto opened = Must(Database::Open(options));
    const auto session = Must(Session::Open(*opened, {}));
    Must(
        session->Run("CREATE TABLE t (id BIGINT PRIMARY KEY, count INTEGER, name VARCHAR, price DOUBLE, printed_at "
                     "TIMESTAMP, place VARCHAR);"
                     "INSERT INTO t SELECT i, i % 1000, 'customer number ' || i, i * 7 % 10000 / 100, "
                     "TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND, 'place ' || i % 300 FROM range(1000000) r(i)"));
    return opened;
  }();
  return *database;
}

std::int64_t Drain(Cursor& cursor) {
  std::int64_t rows = 0;
  while (true) {
    auto batch = Must(cursor.Next());
    if (!batch) return rows;
    rows += batch->rows();
  }
}

std::int64_t NextKey() {
  thread_local std::uint64_t state = 88172645463325252ULL;
  state ^= state << 13U;
  state ^= state >> 7U;
  state ^= state << 17U;
  return static_cast<std::int64_t>(state % kRows);
}

Limits Timed() { return {Deadline::After(std::chrono::seconds(30)), {}}; }

void SelectOne(benchmark::State& state) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const auto statement = Must(session->Prepare("SELECT 1"));
  for (auto _ : state) Drain(*Must(session->Execute(statement, {}, Timed())));
}
BENCHMARK(SelectOne)->UseRealTime();

void ByKey(benchmark::State& state) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const auto statement = Must(session->Prepare("SELECT " + kColumns + " FROM t WHERE id = $1"));
  for (auto _ : state) Drain(*Must(session->Execute(statement, {NextKey()}, Timed())));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ByKey)->ThreadRange(1, 2)->UseRealTime();

// Several keys in one statement.
enum class Form { kInUnnest, kJoinUnnest, kInList, kValuesJoin, kUnionAll };

std::string Joined(int count, const std::string& separator, const std::string& before, const std::string& after) {
  std::string out;
  for (int i = 1; i <= count; ++i) {
    if (i > 1) out += separator;
    out += before + "$" + std::to_string(i) + after;
  }
  return out;
}

std::string SqlOf(Form form, int keys) {
  const std::string select = "SELECT " + kColumns + " FROM ";
  switch (form) {
    case Form::kInUnnest: return select + "t WHERE id IN (SELECT unnest($1::BIGINT[]))";
    case Form::kJoinUnnest: return select + "(SELECT unnest($1::BIGINT[]) AS k) q JOIN t ON t.id = q.k";
    case Form::kInList: return select + "t WHERE id IN (" + Joined(keys, ",", "", "") + ")";
    case Form::kValuesJoin:
      return select + "(VALUES " + Joined(keys, ",", "(", "::BIGINT)") + ") q(k) JOIN t ON t.id = q.k";
    case Form::kUnionAll: return Joined(keys, " UNION ALL ", select + "t WHERE id = ", "");
  }
  return "";
}

void SeveralKeys(benchmark::State& state, Form form) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const int keys = static_cast<int>(state.range(0));
  const auto statement = Must(session->Prepare(SqlOf(form, keys)));
  const bool as_list = form == Form::kInUnnest || form == Form::kJoinUnnest;
  std::int64_t rows = 0;
  for (auto _ : state) {
    ValueList list;
    for (int i = 0; i < keys; ++i) list.emplace_back(NextKey());
    rows += Drain(*Must(session->Execute(statement, as_list ? Parameters{list} : Parameters(list), Timed())));
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK_CAPTURE(SeveralKeys, in_unnest, Form::kInUnnest)
    ->RangeMultiplier(2)
    ->Range(2, 64)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(SeveralKeys, join_unnest, Form::kJoinUnnest)
    ->RangeMultiplier(2)
    ->Range(2, 64)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(SeveralKeys, in_list, Form::kInList)
    ->RangeMultiplier(2)
    ->Range(2, 64)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(SeveralKeys, values_join, Form::kValuesJoin)
    ->RangeMultiplier(2)
    ->Range(2, 32)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(SeveralKeys, union_all, Form::kUnionAll)
    ->RangeMultiplier(2)
    ->Range(2, 32)
    ->ThreadRange(1, 2)
    ->UseRealTime();

void HeavyAggregate(benchmark::State& state) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const auto statement =
      Must(session->Prepare("SELECT i % 100 AS k, count(*), sum(i * 2.5) FROM range(20000000) r(i) GROUP BY k"));
  for (auto _ : state) Drain(*Must(session->Execute(statement, {}, Timed())));
}
BENCHMARK(HeavyAggregate)->UseRealTime()->Unit(benchmark::kMillisecond);

void TableAggregate(benchmark::State& state) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const auto statement =
      Must(session->Prepare("SELECT place, count(*), sum(price), max(printed_at) FROM t GROUP BY place"));
  for (auto _ : state) Drain(*Must(session->Execute(statement, {}, Timed())));
}
BENCHMARK(TableAggregate)->UseRealTime()->Unit(benchmark::kMillisecond);

// 300,000 rows of six columns: as Arrow only, and as JSON.
void ManyRows(benchmark::State& state) {
  const auto session = Must(Session::Open(SharedDatabase(), {}));
  const auto statement = Must(session->Prepare("SELECT " + kColumns + " FROM t LIMIT 300000"));
  const bool as_json = state.range(0) != 0;
  columnar::Shape shape;
  shape.form = columnar::JsonForm::kObject;
  for (int i = 0; i < 6; ++i) shape.members.push_back({.key = "column" + std::to_string(i), .column = i});
  std::size_t bytes = 0;
  std::string out;
  for (auto _ : state) {
    const auto cursor = Must(session->Execute(statement, {}, Timed()));
    const auto encoder = Must(columnar::JsonEncoder::Create(shape, *cursor->schema(), {}));
    while (auto batch = Must(cursor->Next())) {
      if (!as_json) continue;
      out.clear();
      encoder->AppendRows(*batch, 0, batch->rows(), out);
      bytes += out.size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(ManyRows)->ArgName("json")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace eider::engine
