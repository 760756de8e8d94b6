#include "jq/program.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

namespace eider::jq {
namespace {

RunOptions Bounded() {
  RunOptions options;
  options.deadline = Deadline::After(std::chrono::seconds(20));
  return options;
}

// The outputs on one line, or "error: …".
std::string Outcome(const std::string& program, const std::string& input, const RunOptions& options = Bounded()) {
  auto compiled = Program::Compile(program, {});
  if (!compiled) return "does not compile: " + compiled.error().message;
  auto outputs = (*compiled)->Run(input, {}, options);
  if (!outputs) return "error: " + outputs.error().message;
  std::string line;
  for (const std::string& output : *outputs) line += (line.empty() ? "" : " ") + output;
  return line;
}

// Three lines a case, as in jq's own tests: program, input, outputs.
TEST(Program, AnswersAsTheLanguageSays) {
  std::ifstream file(std::string(EIDER_SOURCE_DIR) + "/src/jq/testing/cases.txt");
  ASSERT_TRUE(file.is_open());
  std::string program;
  std::string input;
  std::string expected;
  int cases = 0;
  while (std::getline(file, program)) {
    if (program.empty() || program[0] == '%') continue;
    ASSERT_TRUE(std::getline(file, input) && std::getline(file, expected)) << program;
    EXPECT_EQ(Outcome(program, input), expected) << program << "\non " << input;
    ++cases;
  }
  EXPECT_GT(cases, 200);
}

TEST(Program, Variables) {
  const auto program = Program::Compile("[$a, $b.c]", {"a", "b"});
  ASSERT_TRUE(program);
  const auto outputs = (*program)->Run("null", {"12345678901234567", R"({"c":[1]})"}, Bounded());
  ASSERT_TRUE(outputs);
  EXPECT_EQ(OneOutput(*outputs), "[12345678901234567,[1]]");
}

TEST(Program, EndsAtTheDeadline) {
  for (const std::string program :
       {"[limit(1e18; repeat(1)) | empty]", "def f: f; f", "last(range(1e18))", "range(0; 1; 0) | empty",
        "[range(3000)] as $x | $x | combinations(5) | empty", "until(false; .)", "reduce repeat(1) as $x (0; . + 1)",
        "label $f | repeat(1) | empty"}) {
    RunOptions options;
    options.deadline = Deadline::After(std::chrono::milliseconds(200));
    const auto started = std::chrono::steady_clock::now();
    const std::string outcome = Outcome(program, "null", options);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5)) << program;
    EXPECT_TRUE(outcome.starts_with("error: ")) << program << ": " << outcome.substr(0, 200);
  }
}

TEST(Program, EndsWhenItIsCancelled) {
  StopSource stop;
  RunOptions options;
  options.stop = stop.get_token();
  std::thread canceller([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  EXPECT_EQ(Outcome("last(repeat(1))", "null", options), "error: request cancelled");
  canceller.join();
}

TEST(Program, MemoryIsBounded) {
  const std::string refusal = "error: the jq program uses too much memory";
  for (const std::string program :
       {"[repeat(1)]", "reduce repeat(1) as $x ([]; . + [$x, $x, $x])", "\"abcdefgh\" | until(false; . + .)",
        "reduce range(40) as $i ([1]; [., .]) | tojson", "[range(1e9)]", "\"x\" * 1e9", "repeat(\"abcdefgh\" * 1e5)"}) {
    RunOptions options = Bounded();
    options.max_bytes = 256 << 10;
    EXPECT_EQ(Outcome(program, "null", options), refusal) << program;
  }
}

TEST(Program, DepthIsBounded) {
  EXPECT_EQ(Outcome("def f: 1 + f; f", "null"), "error: the jq program calls itself too deeply");
  EXPECT_EQ(Outcome("reduce range(1e6) as $i (0; [.])", "null"), "error: the value is nested too deeply");
  EXPECT_EQ(Outcome("reduce range(9000) as $i (0; [.]) | tojson | length", "null"), "18001");
  EXPECT_EQ(Outcome("fromjson", "\"" + std::string(20'000, '[') + "\"").substr(0, 6), "error:");
  EXPECT_EQ(Outcome(std::string(100'000, '('), "null").substr(0, 16), "does not compile");
  EXPECT_EQ(Outcome(std::string(100'000, '['), "null").substr(0, 16), "does not compile");
  EXPECT_EQ(Outcome(std::string(100'000, '-') + "1", "null").substr(0, 16), "does not compile");
  std::string sum = "1";
  for (int i = 0; i < 20'000; ++i) sum += "+1";
  EXPECT_EQ(Outcome(sum, "null"), "does not compile: syntax error: the program is too long at line 1");
}

TEST(Program, RegexIsBounded) {
  const std::string text = "\"" + std::string(40, 'a') + "!\"";
  EXPECT_EQ(Outcome("test(\"^(a+)+$\")", text).substr(0, 6), "error:");
}

TEST(Program, SeesNothingOfTheProcess) {
  EXPECT_EQ(Outcome("[env, $ENV, input_filename, (try input catch .), [inputs]]", "null"),
            R"([{},{},null,"No more inputs",[]])");
  EXPECT_EQ(Outcome("import \"a\" as a; 1", "null"),
            "does not compile: syntax error: modules cannot be imported at line 1");
}

TEST(Program, NestedRequests) {
  RunOptions options = Bounded();
  options.identity = R"({"role":"admin"})";
  options.query = [](const std::string& text, const std::string& variables) -> Result<std::string> {
    if (text == "fail") return Error(ErrorCode::kTimeout, "query timeout");
    return "{\"data\":" + (variables.empty() ? std::string("null") : variables) + "}";
  };
  EXPECT_EQ(Outcome("queryHugr(\"{a}\"; {x: 1}).data.x, queryHugr(\"{a}\").data, authInfo.role", "null", options),
            "1 null \"admin\"");
  EXPECT_EQ(Outcome("queryHugr(\"fail\")", "null", options), "error: queryHugr: query timeout");
  EXPECT_EQ(Outcome("queryHugr(1)", "null", options), "error: queryHugr: the query must be a string");
}

}  // namespace
}  // namespace eider::jq
