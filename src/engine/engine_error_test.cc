#include "engine/engine_error.h"

#include <gtest/gtest.h>

namespace eider::engine {
namespace {

TEST(EngineErrorTest, ReadsTheKindAndKeepsTheFirstLine) {
  const Error error =
      EngineError("Binder Error: Referenced column \"x\" not found in FROM clause!\nCandidates: y\n\nLINE 1: SELECT x");
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_EQ(error.message, "Referenced column \"x\" not found in FROM clause!");
}

TEST(EngineErrorTest, TellsADiskWithoutSpaceFromAMissingFile) {
  EXPECT_EQ(EngineError("IO Error: Could not write file \"a\": No space left on device").code, ErrorCode::kDiskFull);
  EXPECT_EQ(EngineError("IO Error: Could not set lock on file \"a\"").code, ErrorCode::kSourceUnavailable);
  EXPECT_EQ(EngineError("Out of Memory Error: could not allocate block").code, ErrorCode::kMemoryLimit);
}

TEST(EngineErrorTest, NamesTheCauseOfAnInterrupt) {
  EXPECT_EQ(EngineError("INTERRUPT Error: Interrupted!", StopCause::kDeadline).code, ErrorCode::kTimeout);
  EXPECT_EQ(EngineError("INTERRUPT Error: Interrupted!", StopCause::kCancelled).code, ErrorCode::kCancelled);
}

TEST(EngineErrorTest, HidesSecrets) {
  EXPECT_EQ(EngineError("IO Error: cannot reach postgres://u:secret@db/x").message,
            "cannot reach postgres://u:***@db/x");
}

TEST(EngineErrorTest, TakesUnknownTextsForDefects) {
  EXPECT_EQ(EngineError("INTERNAL Error: Attempted to dereference").code, ErrorCode::kInternal);
  EXPECT_EQ(EngineError("something").code, ErrorCode::kInternal);
}

TEST(EngineError, HidesHowPostgresIsReached) {
  const Error error = EngineError(
      "IO Error: Unable to connect to Postgres at \"host='db' password='x y'\": connection to server at \"db\" failed");
  EXPECT_EQ(error.code, ErrorCode::kSourceUnavailable);
  EXPECT_EQ(error.message, "cannot connect to PostgreSQL: connection to server at \"db\" failed");
}

TEST(EngineErrorTest, TellsWhatIsWrongWithANumberOfAServer) {
  const Error error = EngineError(
      "IO Error: Failed to fetch header for COPY: ERROR:  invalid input syntax for type numeric: \"field \"free\" of "
      "odd "
      "holds a number\"\nCONTEXT: more");
  EXPECT_EQ(error.code, ErrorCode::kBadInput);
  EXPECT_EQ(error.message, "field \"free\" of odd holds a number");
  EXPECT_EQ(EngineError("IO Error: ERROR:  invalid input syntax for type numeric: \"x\"").code,
            ErrorCode::kSourceUnavailable);
}

TEST(EngineErrorTest, SaysWhatToDoWithoutCredentialsForAzure) {
  const Error error = EngineError("Invalid Input Error: No valid Azure credentials found!\n\nLINE 1: SELECT x");
  EXPECT_EQ(error.code, ErrorCode::kSourceUnavailable);
  EXPECT_EQ(error.message,
            "no object storage of type azure is registered for this URL: register one whose scope it begins with");
}

}  // namespace
}  // namespace eider::engine
