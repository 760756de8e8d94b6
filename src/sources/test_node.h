#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "cluster/core_database.h"
#include "engine/text_rows.h"
#include "sources/source_registry.h"

namespace eider::sources {

// A folder of its own for each test.
class ScratchFolder {
 public:
  ScratchFolder() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string("eider_") + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }

  std::string Path(const std::string& name) const { return (path_ / name).string(); }

  std::string Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return Path(name);
  }

  // Makes a DuckDB file by running `sql` in it.
  std::string Database(const std::string& name, const std::string& sql) const {
    auto database = engine::Database::Open({.path = Path(name)}).value();
    auto session = engine::Session::Open(*database, {}).value();
    const auto done = session->Run(sql);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_TRUE(session->Run("CHECKPOINT"));
    return Path(name);
  }

 private:
  std::filesystem::path path_;
};

// The parts of a node below the query service.
struct TestNode {
  explicit TestNode(std::vector<cluster::SourceRecord> declared = {}, const std::string& core_path = "") {
    database = engine::Database::Open({}).value();
    sessions = std::make_unique<engine::SessionPool>(engine::EngineSessions(*database), engine::SessionPool::Options{});
    core = cluster::CoreDatabase::Open(*sessions, {.path = core_path}).value();
    SourceRegistry::Options options;
    options.declared = std::move(declared);
    registry = std::make_unique<SourceRegistry>(*database, *sessions, core.get(), snapshot, std::move(options));
    const Status started = registry->Start();
    EXPECT_TRUE(started) << started.error().message;
  }

  std::vector<engine::TextRow> Rows(const std::string& sql) {
    auto session = engine::Session::Open(*database, {}).value();
    auto rows = engine::ReadTextRows(*session, sql);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? *rows : std::vector<engine::TextRow>();
  }

  void Run(const std::string& sql) {
    auto session = engine::Session::Open(*database, {}).value();
    const auto done = session->Run(sql);
    EXPECT_TRUE(done) << done.error().message;
  }

  // The compiled names of all data objects outside of the core module.
  std::vector<std::string> Objects() const {
    std::vector<std::string> names;
    for (const catalog::DataObject* object : snapshot.Get()->objects) {
      if (!object->source->internal) names.push_back(object->name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::unique_ptr<engine::Database> database;
  std::unique_ptr<engine::SessionPool> sessions;
  std::unique_ptr<cluster::CoreDatabase> core;
  SnapshotHolder<catalog::Snapshot> snapshot;
  std::unique_ptr<SourceRegistry> registry;
};

// The error of a failed call; empty when it succeeded.
template <class T>
std::string MessageOf(const Result<T>& result) {
  return result ? std::string() : result.error().message;
}

}  // namespace eider::sources
