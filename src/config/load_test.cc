#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "config/dotenv.h"
#include "config/option.h"

namespace eider::config {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A scratch folder, and an environment that holds only what a test puts there.
class LoadTest : public ::testing::Test {
 protected:
  LoadTest() {
    folder_ =
        std::filesystem::temp_directory_path() / ("eider_config_" + std::to_string(::getpid()) + "_" +
                                                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    inputs_.working_directory = folder_.string();
    inputs_.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt : std::optional(found->second);
    };
  }
  ~LoadTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  Config Must() {
    auto loaded = Load(inputs_);
    if (!loaded) ADD_FAILURE() << loaded.error().message;
    return loaded ? loaded->config : Config();
  }

  std::string Refusal() {
    const auto loaded = Load(inputs_);
    return loaded ? "accepted" : loaded.error().message;
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
  LoadInputs inputs_;
};

TEST_F(LoadTest, FlagBeatsEnvironmentBeatsDotenvBeatsFileBeatsDefault) {
  EXPECT_EQ(Must().bind, ":15000");
  inputs_.arguments = {"--config", Write("eider.yaml", "bind: file:1\n")};
  EXPECT_EQ(Must().bind, "file:1");
  Write(".env", "# local\nexport BIND=\"dotenv:1\"\n");
  EXPECT_EQ(Must().bind, "dotenv:1");
  environment_["BIND"] = "environment:1";
  EXPECT_EQ(Must().bind, "environment:1");
  inputs_.arguments.push_back("--bind=flag:1");
  EXPECT_EQ(Must().bind, "flag:1");
}

TEST_F(LoadTest, ReadsEveryKindOfValue) {
  inputs_.arguments = {"--query-timeout",
                       "90",
                       "--max-body-size=2MiB",
                       "--allow-parallel=false",
                       "--log-level",
                       "debug",
                       "--cors-allowed-origins",
                       "https://a.org, https://b.org",
                       "--io-threads",
                       "3",
                       "--admin-ui"};
  const Config config = Must();
  EXPECT_EQ(config.query_timeout, milliseconds(90'000));
  EXPECT_EQ(config.max_body_size, Bytes{2u << 20});
  EXPECT_FALSE(config.allow_parallel);
  EXPECT_TRUE(config.admin_ui);
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.io_threads, 3);
  EXPECT_THAT(config.cors_allowed_origins, ElementsAre("https://a.org", "https://b.org"));
}

TEST_F(LoadTest, RefusesWhatItDoesNotKnowByName) {
  inputs_.arguments = {"--bindd", "x"};
  EXPECT_EQ(Refusal(), "unknown flag --bindd; --help lists the flags");
  inputs_.arguments = {"--max_depth", "3"};
  EXPECT_EQ(Refusal(), "unknown flag --max_depth; --help lists the flags");
  inputs_.arguments = {"serve"};
  EXPECT_EQ(Refusal(), "unexpected argument \"serve\"; --help lists the flags");
  inputs_.arguments = {"--bind"};
  EXPECT_EQ(Refusal(), "flag --bind needs a value");
  inputs_.arguments = {"--config", "/nonexistent/eider.yaml"};
  EXPECT_EQ(Refusal(), "the configuration file cannot be read: /nonexistent/eider.yaml");
  inputs_.arguments = {};
  environment_["LOG_LEVEL"] = "loud";
  EXPECT_EQ(Refusal(), "LOG_LEVEL must be one of trace, debug, info, warn, error, not \"loud\"");
}

TEST_F(LoadTest, NamesThePlaceInTheFile) {
  const auto refusal = [this](const std::string& text) {
    inputs_.arguments = {"--config", Write("eider.yaml", text)};
    std::string message = Refusal();
    return message.substr(message.find("eider.yaml"));
  };
  EXPECT_EQ(refusal("bind: x\nbimd: y\n"), "eider.yaml:2:1: unknown key \"bimd\"");
  EXPECT_EQ(refusal("bind: x\nbind: y\n"), "eider.yaml:2:1: \"bind\" is given twice");
  EXPECT_EQ(refusal("log_format: xml\n"), "eider.yaml:1:13: \"log_format\" must be one of json, text, not \"xml\"");
  EXPECT_EQ(refusal("sources:\n  - name: a\n    typ: duckdb\n"), "eider.yaml:3:5: unknown key \"typ\" of a source");
  EXPECT_EQ(refusal("sources:\n  - name: a\n"), "eider.yaml:2:5: source \"a\" needs a type");
  EXPECT_EQ(refusal("sources:\n  - {name: a, type: b}\n  - {name: a, type: b}\n"),
            "eider.yaml:3:5: there is a second source \"a\"");
  EXPECT_EQ(refusal("sources:\n  - {name: a, type: b, as_module: maybe}\n"),
            "eider.yaml:2:35: \"as_module\" must be true or false");
  EXPECT_THAT(refusal("sources: [\n"), HasSubstr("eider.yaml:2:1: "));
  EXPECT_THAT(refusal("- bind\n"), HasSubstr("must consist of lines such as"));
}

TEST_F(LoadTest, ReadsSourcesAndLeavesReferencesAlone) {
  inputs_.arguments = {"--config", Write("eider.yaml", R"(
sources:
  - name: nyc
    type: duckdb
    path: "[$DATA]/demo.duckdb"
    as_module: true
    read_only: yes
    catalogs:
      - {name: flights, type: uriFile, path: demo/flights.graphql}
  - {name: other, type: files, disabled: true, self_defined: true, prefix: o, description: Other things}
)")};
  const Config config = Must();
  ASSERT_EQ(config.sources.size(), 2u);
  EXPECT_EQ(config.sources[0].path, "[$DATA]/demo.duckdb");
  EXPECT_TRUE(config.sources[0].as_module);
  EXPECT_TRUE(config.sources[0].read_only);
  ASSERT_EQ(config.sources[0].catalogs.size(), 1u);
  EXPECT_EQ(config.sources[0].catalogs[0].type, "uriFile");
  EXPECT_TRUE(config.sources[1].disabled);
  EXPECT_EQ(config.sources[1].description, "Other things");
}

TEST_F(LoadTest, ExtraFlagsAndHelp) {
  std::string first_query;
  std::string quiet;
  inputs_.extra_flags = {{"first-query", "FILE", "Answer it at the start.", &first_query},
                         {"quiet", "", "Say less.", &quiet}};
  inputs_.arguments = {"--quiet", "--first-query", "q.graphql"};
  Must();
  EXPECT_EQ(first_query, "q.graphql");
  EXPECT_EQ(quiet, "true");
  EXPECT_THAT(HelpText(inputs_.extra_flags), HasSubstr("  --first-query FILE\n      Answer it at the start.\n"));
  inputs_.arguments = {"-h"};
  EXPECT_TRUE(Load(inputs_)->help);
}

TEST(Quantity, Durations) {
  EXPECT_EQ(*ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(*ParseDuration("30s"), milliseconds(30'000));
  EXPECT_EQ(*ParseDuration("1.5"), milliseconds(1500));
  EXPECT_EQ(*ParseDuration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(*ParseDuration("0"), milliseconds(0));
  for (const char* text : {"", "s", "-1s", "1x", "1m30", "1 s", "inf", "nan", "1e99", "99999999999h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Quantity, Sizes) {
  EXPECT_EQ(*ParseBytes("64MB"), Bytes{64u << 20});
  EXPECT_EQ(*ParseBytes("2GiB"), Bytes{std::uint64_t{2} << 30});
  EXPECT_EQ(*ParseBytes("512k"), Bytes{512u << 10});
  EXPECT_EQ(*ParseBytes("1.5 g"), Bytes{std::uint64_t{3} << 29});
  EXPECT_EQ(*ParseBytes("100000"), Bytes{100'000});
  EXPECT_EQ(*ParseBytes("0"), Bytes{0});
  for (const char* text : {"", "16", "MB", "1XB", "1MBB", "-1MB", "9999999999TB"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

TEST(Dotenv, ReadsQuotesAndCommentsAndNamesABadLine) {
  const auto values = ParseDotenv("A=1\n# no\n\n B = 'x # y'\nexport C=z # note\r\n");
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(*values, (std::map<std::string, std::string>{{"A", "1"}, {"B", "x # y"}, {"C", "z"}}));
  EXPECT_EQ(ParseDotenv("A=1\nnonsense\n").error().message, ".env:2: must read NAME=value");
}

// A default in the table is only shown; this keeps it equal to the one that holds.
TEST(OptionTable, ShownDefaultsAreTheRealOnes) {
  for (const OptionGroup& group : OptionGroups()) {
    for (const Option& option : group.options) {
      Config changed;
      ASSERT_TRUE(SetOption(option, option.default_text.empty() ? "" : option.default_text, changed).ok())
          << option.key;
      std::visit([&](auto member) { EXPECT_TRUE(changed.*member == Config().*member) << option.key; }, option.member);
    }
  }
}

TEST(OptionTable, DocumentationIsCurrent) {
  std::ifstream in(std::string(EIDER_SOURCE_DIR) + "/docs/configuration.md");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, HasSubstr(MarkdownTables())) << "docs/configuration.md should hold:\n" << MarkdownTables();
}

}  // namespace
}  // namespace eider::config
