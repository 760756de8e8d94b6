#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "catalog/compiler.h"

namespace eider::catalog {
namespace {

constexpr const char* kTypes[] = {"Int", "String", "Float", "Timestamp", "Boolean", "Date", "BigInt", "JSON"};

// `tables` tables of 20 columns; every fourth points at its predecessor.
std::string WideSdl(int tables) {
  std::string sdl;
  for (int table = 0; table < tables; ++table) {
    const std::string name = "table_" + std::to_string(table);
    sdl += "type " + name + " @table(name: \"" + name + "\") {\n  id: Int! @pk\n";
    for (int column = 1; column < 20; ++column) {
      sdl += "  column_" + std::to_string(column) + ": " + (column == 1 ? "Int" : kTypes[column % 8]);
      if (column == 1 && table > 0 && table % 4 == 0) {
        sdl += " @field_references(references_name: \"table_" + std::to_string(table - 1) +
               "\", query: \"previous\", references_query: \"next\")";
      }
      sdl += "\n";
    }
    sdl += "}\n";
  }
  return sdl;
}

SourceDefinition WideDefinition(int tables) {
  SourceDefinition definition;
  definition.source = {.name = "wide", .type = "duckdb", .prefix = "w", .catalog = "wide", .as_module = true};
  definition.files.push_back({"wide.graphql", WideSdl(tables)});
  return definition;
}

std::shared_ptr<const CompiledSource> Compile(const SourceDefinition& definition) {
  auto compiled = CompileSource(definition, {});
  if (!compiled) {
    std::fprintf(stderr, "%s\n", compiled.error().message.c_str());
    std::abort();
  }
  return *compiled;
}

void BM_CompileSource(benchmark::State& state) {
  const SourceDefinition definition = WideDefinition(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(Compile(definition));
}
BENCHMARK(BM_CompileSource)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void BM_BuildSnapshot(benchmark::State& state) {
  const auto compiled = Compile(WideDefinition(static_cast<int>(state.range(0))));
  size_t types = 0;
  for (auto _ : state) {
    auto snapshot = BuildSnapshot({compiled}, 1, {});
    types = (*snapshot)->schema->types().size();
  }
  state.counters["types"] = static_cast<double>(types);
}
BENCHMARK(BM_BuildSnapshot)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace eider::catalog
