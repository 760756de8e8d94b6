#include "cluster/memory_core_store.h"

#include <gtest/gtest.h>

#include "cluster/core_cipher.h"
#include "cluster/core_database.h"
#include "cluster/desired_sources.h"
#include "cluster/forwarding_store.h"
#include "cluster/key_check.h"
#include "cluster/link/peer_calls.h"
#include "cluster/management_lease.h"
#include "cluster/membership.h"
#include "cluster/remote_core_store.h"
#include "cluster/store_call.h"

namespace eider::cluster {
namespace {

using engine::TextRow;

// The management node behind calls that neither sign nor travel.
class NearManagement final : public PeerCalls {
 public:
  explicit NearManagement(MemoryCoreStore* store) : store_(store) {}

  Result<std::string> Call(const PeerAddress& peer, const PeerCall& call, const Deadline& deadline,
                           const StopToken&) override {
    EXPECT_EQ(peer.name, kManagementTarget);
    if (store_ == nullptr) return Error(failure_, "nobody answers");
    rapidjson::Document variables;
    variables.Parse(call.variables.c_str());
    const std::string answer = AnswerStoreCall(*store_, variables["call"], deadline);
    return R"({"data":{"function":{"core":{"cluster":{"handle_core_call":)" + answer + "}}}}}";
  }
  Result<std::string> Ping(const PeerAddress&, const Deadline&, const StopToken&) override {
    return Error(ErrorCode::kSourceUnavailable, "nobody answers");
  }
  void Become(MemoryCoreStore* store) { store_ = store; }
  void FailWith(ErrorCode code) { failure_ = code; }

 private:
  MemoryCoreStore* store_;
  ErrorCode failure_ = ErrorCode::kSourceUnavailable;
};

// Both ends take the same calls.
class MemoryCoreStoreTest : public testing::Test {
 protected:
  std::unique_ptr<MemoryCoreStore> own_ = MemoryCoreStore::Open().value();
  NearManagement near_{own_.get()};
  RemoteCoreStore remote_{near_, "http://management"};
  std::vector<CoreStore*> ends_{own_.get(), &remote_};
};

TEST_F(MemoryCoreStoreTest, ReadsAndChanges) {
  for (CoreStore* store : ends_) {
    const std::string roles = store->Table("roles");
    const auto changed = store->Change("INSERT INTO " + roles + " (name, description, disabled) VALUES ($1, $2, $3)",
                                       {std::string("r\"'"), engine::Value(), true});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(*changed, 1);
    const auto rows = store->Read("SELECT name, description, disabled::text FROM " + roles);
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(*rows, (std::vector<TextRow>{{"r\"'", std::nullopt, "true"}}));
    EXPECT_EQ(store->Change("DELETE FROM " + roles).value(), 1);
    EXPECT_EQ(store->Change("DELETE FROM " + roles).value(), 0);
  }
}

TEST_F(MemoryCoreStoreTest, AppliesAllOrNothingAndAnnouncesWhatIsCommitted) {
  std::vector<std::string> heard;
  own_->set_listener([&](const StorePosition& position, const CoreEvent& event) {
    heard.push_back(std::to_string(position.number) + event.channel + event.payload);
  });
  for (CoreStore* store : ends_) {
    const std::string insert = "INSERT INTO " + store->Table("roles") + " (name) VALUES ('r')";
    const auto before = store->Versions(Deadline::After(CoreStore::kPatience)).value();
    const Status twice = store->Apply({{insert, store->Announce("eider_perm", "no"), insert}, {}, {}});
    EXPECT_FALSE(twice);
    EXPECT_TRUE(store->Read("SELECT name FROM " + store->Table("roles")).value().empty());
    ASSERT_TRUE(store->Apply(
        {{insert, store->CountUp("permission_version"), store->Announce("eider_perm", "it's")}, {}, before.rows}));
    const auto after = store->Versions(Deadline::After(CoreStore::kPatience)).value();
    EXPECT_EQ(after.permission, before.permission + 1);
    EXPECT_EQ(after.rows, before.rows + 1);
    const Status late = store->Apply({{}, {}, before.rows});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::kConstraint);
    ASSERT_TRUE(store->Change("DELETE FROM " + store->Table("roles")));
  }
  EXPECT_EQ(heard, (std::vector<std::string>{"1eider_permit's", "2eider_permit's"}));
}

TEST_F(MemoryCoreStoreTest, FencesByTheLease) {
  for (CoreStore* store : ends_) {
    const Status lost = store->Apply({{}, LeaseToken{7, "nobody"}, {}});
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ErrorCode::kForbidden);
    EXPECT_EQ(lost.error().message, kLeaseLost);
  }
}

TEST_F(MemoryCoreStoreTest, ReachesNoFile) {
  for (const char* sql : {"SELECT content FROM read_text('/etc/hostname')", "ATTACH '/tmp/eider_never.duckdb' AS other",
                          "SET enable_external_access = true", "COPY (SELECT 1) TO '/tmp/eider_never.csv'"}) {
    EXPECT_FALSE(remote_.Read(sql)) << sql;
  }
}

TEST_F(MemoryCoreStoreTest, TakesWhatUsersHaveWritten) {
  auto database = engine::Database::Open({}).value();
  engine::SessionPool sessions(engine::EngineSessions(*database), engine::SessionPool::Options{});
  const auto core = CoreDatabase::Open(sessions, {}).value();
  MirrorState rows;
  {
    const auto session = sessions.Acquire().value();
    ASSERT_TRUE(
        session->Run("INSERT INTO core.eider.api_keys (name, key, default_role, expires_at, headers) VALUES ('k', 'h', "
                     "'admin', '2031-02-03 04:05:06.789012+00', '{\"a\": \"b\"}')"));
    rows = ReadMirrorRows(*session).value();
  }
  ASSERT_TRUE(own_->Fill(rows));
  engine::SessionPool others(engine::EngineSessions(*database), engine::SessionPool::Options{});
  auto elsewhere = engine::Database::Open({}).value();
  engine::SessionPool far(engine::EngineSessions(*elsewhere), engine::SessionPool::Options{});
  CoreDatabaseOptions options;
  options.shared = &remote_;
  options.read_only = true;
  const auto copy = CoreDatabase::Open(far, options);
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ((*copy)->mirror()->Known().second, rows);
  const Status change = (*copy)->Change([](engine::Session&) -> Status { return {}; });
  ASSERT_FALSE(change);
  EXPECT_EQ(change.error().message, "core database is read-only");
}

// A store that was away, and came back without the last transactions.
class ForgetfulStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  std::int64_t outages() const override { return outages_; }
  void Lose() { ++outages_; }

 private:
  std::int64_t outages_ = 0;
};

TEST_F(MemoryCoreStoreTest, AMirrorReadsAgainWhatWasAwayWhateverItsNumber) {
  ForgetfulStore store(*own_);
  const std::string roles = own_->Table("roles");
  const auto add = [&](const std::string& name) {
    return own_->Change("INSERT INTO " + roles + " (name, description, disabled) VALUES ($1, '', false)", {name});
  };
  ASSERT_TRUE(add("lost"));
  auto database = engine::Database::Open({}).value();
  engine::SessionPool sessions(engine::EngineSessions(*database), engine::SessionPool::Options{});
  CoreDatabaseOptions options;
  options.shared = &store;
  const auto core = CoreDatabase::Open(sessions, options);
  ASSERT_TRUE(core) << core.error().message;
  CoreMirror& mirror = *(*core)->mirror();
  ASSERT_TRUE(mirror.Known().second.find("roles")->second.contains({"lost"}));

  ASSERT_TRUE(own_->Change("DELETE FROM " + roles + " WHERE name = 'lost'", {}));
  ASSERT_TRUE(add("kept"));
  const Deadline soon = Deadline::After(std::chrono::seconds(5));
  EXPECT_FALSE(mirror.PullIfOlder(store.Versions(soon).value(), soon).value()) << "the number is the same";
  store.Lose();
  EXPECT_TRUE(mirror.PullIfOlder(store.Versions(soon).value(), soon).value());
  EXPECT_TRUE(mirror.Known().second.find("roles")->second.contains({"kept"}));
  EXPECT_FALSE(mirror.Known().second.find("roles")->second.contains({"lost"}));
  EXPECT_FALSE(mirror.PullIfOlder(store.Versions(soon).value(), soon).value()) << "once";
}

TEST_F(MemoryCoreStoreTest, KeepsSourcesWithTheirModels) {
  const auto cipher = CoreCipher::Open({.key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}).value();
  SourceRecord record;
  record.name = "it's";
  record.path = "secret";
  for (CoreStore* store : ends_) {
    DesiredSources desired(*store, *cipher);
    ASSERT_TRUE(store->Change("DELETE FROM " + store->Table("source_desired")));
    ASSERT_TRUE(desired.Begin({record}, "mgmt"));
    auto wanted = desired.List().value();
    ASSERT_EQ(wanted.size(), 1U);
    EXPECT_TRUE(wanted[0].is_loaded);
    EXPECT_EQ(wanted[0].record, record);
    ASSERT_TRUE(desired.KeepModel(wanted[0], "the model: \xC3\xA4"));
    wanted = desired.List().value();
    EXPECT_EQ(desired.Model(wanted[0]).value(), "the model: \xC3\xA4");
    ASSERT_TRUE(store->Change("DELETE FROM " + store->Table("cluster_lease")));
    ASSERT_TRUE(store->Change("INSERT INTO " + store->Table("cluster_lease") +
                              " VALUES ('eider', 3, 'mgmt', 'i', clock_timestamp(), 1000)"));
    const auto next = desired.Put(record, false, LeaseToken{3, "i"}, "mgmt", "another");
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(*next, wanted[0].generation + 1);
    ASSERT_TRUE(desired.Report({"mgmt", record.name, *next, "absent", {}}));
    EXPECT_EQ(desired.OfNodes(record.name).value().size(), 1U);
    EXPECT_TRUE(desired.AttachedElsewhere("other").value().empty());
  }
}

TEST_F(MemoryCoreStoreTest, ChecksKeys) {
  for (CoreStore* store : ends_) {
    ASSERT_TRUE(CheckSharedKey(*store, {"check", "own", {}, "not yours"}));
    EXPECT_EQ(StoredSetting(*store, "check").value(), "own");
    const Status other = CheckSharedKey(*store, {"check", "other", {}, "not yours"});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().message, "not yours");
  }
}

TEST_F(MemoryCoreStoreTest, HasMembersAndALease) {
  for (CoreStore* store : ends_) {
    ManagementLease lease(*store, {.node = "mgmt", .incarnation = "i", .may_lead = [] { return true; }});
    lease.Start();
    const Deadline patience = Deadline::After(std::chrono::seconds(10));
    while (!lease.is_held() && !patience.Passed()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_TRUE(lease.is_held());
    MembershipOptions options{.name = "mgmt", .url = "http://a", .role = "management", .incarnation = "i"};
    options.report = [] { return MemberReport{.status = "up", .ready = true, .load = R"({"overloaded":true})"}; };
    options.lease = [&] { return lease.token(); };
    options.warn = [](std::string_view) {};
    Membership members(*store, nullptr, std::move(options));
    ASSERT_TRUE(members.Start());
    const auto rows = members.Members();
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_TRUE(rows->front().is_overloaded);
    EXPECT_FALSE(rows->front().is_late);
    EXPECT_TRUE(members.SetDrained("mgmt", true, *lease.token()));
    EXPECT_EQ(members.Remove("nobody", *lease.token()).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(members.Remove("mgmt", *lease.token()).error().code, ErrorCode::kConstraint);
    members.Leave();
    EXPECT_TRUE(members.Members().value().empty());
    lease.Release(std::chrono::hours(1));
  }
}

TEST_F(MemoryCoreStoreTest, RisesAboveAStoreThatIsGone) {
  const Deadline patience = Deadline::After(std::chrono::seconds(10));
  ASSERT_TRUE(own_->Apply({{own_->CountUp("schema_version"), own_->CountUp("schema_version")}, {}, {}}));
  EXPECT_EQ(remote_.Versions(patience).value().schema, 3);
  EXPECT_EQ(remote_.Versions(patience).value().schema, 3);
  const auto next = MemoryCoreStore::Open().value();
  near_.Become(next.get());
  const auto versions = remote_.Versions(patience).value();
  EXPECT_EQ(versions.schema, 4);
  EXPECT_EQ(versions.rows, 2);
  EXPECT_EQ(remote_.Versions(patience).value(), versions);
  EXPECT_EQ(remote_.position().store, next->position().store);
}

TEST_F(MemoryCoreStoreTest, TellsWhyItDoesNotAnswer) {
  near_.Become(nullptr);
  EXPECT_EQ(remote_.Read("SELECT 1").error().code, ErrorCode::kCoreUnavailable);
  near_.FailWith(ErrorCode::kUnauthenticated);
  const auto refused = remote_.Versions(Deadline::After(CoreStore::kPatience));
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_NE(refused.error().message.find("CLUSTER_SECRET"), std::string::npos);
}

TEST(StoreCallTest, RefusesOtherText) {
  const auto store = MemoryCoreStore::Open().value();
  for (const char* text :
       {"{}", "[]", "null", "1", R"({"kind":"drop"})", R"({"kind":"read"})", R"({"kind":"read","sql":"SELEC"})",
        R"({"kind":"apply","statements":[1,{}]})", R"({"kind":"apply","lease":[],"statements":{}})"}) {
    rapidjson::Document call;
    call.Parse(text);
    rapidjson::Document answer;
    const std::string json = AnswerStoreCall(*store, call, Deadline::After(std::chrono::seconds(5)));
    answer.Parse(json.c_str());
    ASSERT_FALSE(answer.HasParseError()) << json;
    EXPECT_FALSE(ReadStoreAnswer(answer)) << text;
  }
  for (const char* text : {"{}", "[]", R"({"position":{"store":"s","number":1}})",
                           R"({"position":{"store":"s","number":1},"events":[["a"]]})",
                           R"({"position":{"store":"s","number":1},"events":[["a",1]]})"}) {
    rapidjson::Document news;
    news.Parse(text);
    EXPECT_FALSE(StoreNewsFromJson(news)) << text;
  }
}

}  // namespace
}  // namespace eider::cluster
