#include "server/source_reconciler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cluster/forwarding_store.h"
#include "cluster/memory_core_store.h"
#include "sources/test_node.h"

namespace eider::server {
namespace {

using cluster::SourceRecord;

// A core database that can be slow to give its list of sources.
class SlowStore final : public cluster::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;

  // Has `run` happen once between the next list and its arrival.
  void BeforeTheListArrives(std::function<void()> run) { before_ = std::move(run); }

  Result<std::vector<engine::TextRow>> Read(std::string_view sql, const engine::Parameters& parameters,
                                            const Deadline& deadline) override {
    auto rows = ForwardingStore::Read(sql, parameters, deadline);
    const bool is_list = sql.find("source_desired") != std::string_view::npos && parameters.empty();
    if (is_list && before_) std::exchange(before_, nullptr)();
    return rows;
  }

 private:
  std::function<void()> before_;
};

TEST(SourceReconcilerTest, AListThatIsLateUndoesNoOperation) {
  const sources::ScratchFolder folder;
  SourceRecord record;
  record.name = "lib";
  record.type = "duckdb";
  record.self_defined = true;
  record.path = folder.Database("old.duckdb", "CREATE TABLE old_books (id INTEGER PRIMARY KEY)");
  SourceRecord newer = record;
  newer.path = folder.Database("new.duckdb", "CREATE TABLE new_books (id INTEGER PRIMARY KEY)");

  sources::TestNode node;
  const auto memory = cluster::MemoryCoreStore::Open().value();
  SlowStore store(*memory);
  const auto cipher = cluster::CoreCipher::Open({}).value();
  cluster::DesiredSources desired(store, *cipher);
  ASSERT_TRUE(desired.Put(record, true, std::nullopt, "a", ""));

  std::atomic<int> followed = 0;
  std::atomic<bool> operated = false;
  ReconcilerOptions options;
  options.node = "a";
  options.followed = [&](std::chrono::nanoseconds, bool) { ++followed; };
  SourceReconciler reconciler(desired, *node.registry, std::move(options));
  ASSERT_TRUE(reconciler.AtStart());
  ASSERT_TRUE(node.registry->Load(record));
  store.BeforeTheListArrives([&] {
    auto hold = reconciler.Take("lib", Deadline::After(std::chrono::seconds(5)));
    ASSERT_TRUE(hold);
    ASSERT_TRUE(node.registry->Load(newer));
    const auto generation = desired.Put(newer, true, std::nullopt, "a", "");
    ASSERT_TRUE(generation);
    hold->Has(*generation);
    operated = true;
  });
  reconciler.Begin();
  reconciler.Nudge(7);

  EXPECT_TRUE(reconciler.Await(7, Deadline::After(std::chrono::seconds(20))));
  EXPECT_TRUE(operated);
  EXPECT_EQ(followed, 0) << "the node had what was wanted";
  EXPECT_EQ(node.Objects(), std::vector<std::string>{"new_books"});
}

}  // namespace
}  // namespace eider::server
