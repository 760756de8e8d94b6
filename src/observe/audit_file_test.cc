#include "observe/audit_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace eider::observe {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kZeros = "0000000000000000000000000000000000000000000000000000000000000000";

class AuditFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "eider-audit-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "audit.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AuditSink> Open(std::uint64_t max_bytes = 1 << 20) const {
    auto sink = OpenAuditFile({.path = path_, .node = "n1", .chain = true, .max_bytes = max_bytes});
    EXPECT_TRUE(sink) << sink.error().message;
    return std::move(sink.value());
  }
  static Status Write(AuditSink& sink, std::string action) {
    AuditRecord record;
    record.action = std::move(action);
    return sink.Write(std::span(&record, 1));
  }
  static std::string TextOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void Put(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  AuditVerdict Verify() const {
    const auto verdict = VerifyAuditFiles({path_});
    EXPECT_TRUE(verdict);
    return verdict.value_or(AuditVerdict());
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

TEST_F(AuditFileTest, LinesFollowEachOtherAcrossOpenings) {
  for (const char* action : {"a", "b"}) {
    const auto sink = Open();
    ASSERT_TRUE(Write(*sink, action));
  }
  const AuditVerdict verdict = Verify();
  EXPECT_EQ(verdict.lines, 2u);
  EXPECT_EQ(verdict.problem, "");
  EXPECT_TRUE(verdict.from_start);
  EXPECT_THAT(TextOf(path_), StartsWith(std::string(R"({"prev":")").append(kZeros)));
}

TEST_F(AuditFileTest, AChangedLineIsFoundAtTheNext) {
  const auto sink = Open();
  for (const char* action : {"first", "second", "third"}) ASSERT_TRUE(Write(*sink, action));
  std::string text = TextOf(path_);
  text.replace(text.find("second"), 6, "sekond");
  Put(text);
  const AuditVerdict verdict = Verify();
  EXPECT_EQ(verdict.lines, 2u);
  EXPECT_THAT(verdict.problem, HasSubstr(":3: the line before it was changed"));
}

TEST_F(AuditFileTest, ALineThatACrashCutOffIsFoundAndTheNextStandsAlone) {
  ASSERT_TRUE(Write(*Open(), "first"));
  Put(TextOf(path_) + R"({"prev":"00)");
  EXPECT_THAT(Verify().problem, HasSubstr(":2: "));
  ASSERT_TRUE(Write(*Open(), "third"));
  const std::string text = TextOf(path_);
  EXPECT_THAT(text, HasSubstr("\"00\n{\"prev\""));
  EXPECT_THAT(text, EndsWith("}\n"));
}

TEST_F(AuditFileTest, FullFilesAreSetAsideAndTheChainGoesOn) {
  const auto sink = Open(500);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Write(*sink, "a"));
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) files.push_back(file.path());
  std::ranges::sort(files);
  ASSERT_GT(files.size(), 1u);
  // The file in use has the shortest name and the youngest lines.
  std::ranges::rotate(files, files.begin() + 1);
  const auto verdict = VerifyAuditFiles(files);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->problem, "");
  EXPECT_EQ(verdict->lines, 4u);
  const auto rest = VerifyAuditFiles({files.back()});
  ASSERT_TRUE(rest);
  EXPECT_FALSE(rest->from_start);
}

TEST_F(AuditFileTest, WhatCannotBeOpenedIsRefused) {
  const auto sink = OpenAuditFile({.path = folder_ / "nowhere" / "audit.jsonl"});
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().message, HasSubstr("nowhere"));
  EXPECT_FALSE(VerifyAuditFiles({folder_ / "nothing"}));
  // A pipe that nobody reads.
  ASSERT_EQ(::mkfifo(path_.c_str(), S_IRUSR | S_IWUSR), 0);
  EXPECT_FALSE(OpenAuditFile({.path = path_}));
}

TEST_F(AuditFileTest, APipeThatIsNotReadFailsSoonAndLosesNothing) {
  ASSERT_EQ(::mkfifo(path_.c_str(), S_IRUSR | S_IWUSR), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const auto sink = Open();
  std::string got;
  const auto read = [&] {
    std::array<char, 65536> part{};
    ssize_t count = 0;
    while ((count = ::read(reader, part.data(), part.size())) > 0)
      got.append(part.data(), static_cast<std::size_t>(count));
  };
  const std::vector<AuditRecord> records(100);
  std::size_t written = 0;
  bool failed = false;
  while (!failed && written < 10'000) {
    const auto start = std::chrono::steady_clock::now();
    failed = !sink->Write(records);
    if (!failed) written += records.size();
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
  }
  EXPECT_TRUE(failed);
  // What failed is tried again once there is room.
  for (int tries = 0; failed && tries < 100; ++tries) {
    read();
    failed = !sink->Write(records);
  }
  ASSERT_FALSE(failed);
  written += records.size();
  read();
  // The rest of a part goes before the next.
  while (!Write(*sink, "last")) read();
  read();
  ::close(reader);
  std::filesystem::remove(path_);
  Put(got);
  const AuditVerdict verdict = Verify();
  EXPECT_EQ(verdict.problem, "");
  EXPECT_EQ(verdict.lines, written + 1);
}

}  // namespace
}  // namespace eider::observe
