#include "engine/crew_experience.h"

#include <gtest/gtest.h>

namespace eider::engine {
namespace {

using std::chrono::microseconds;

TEST(CrewExperienceTest, TriesAfterALongRunAndKeepsWhatHelps) {
  CrewExperience experience;
  EXPECT_FALSE(experience.CallsForHelp());
  experience.Learn(microseconds(130), false, false);
  EXPECT_FALSE(experience.CallsForHelp());
  experience.Learn(microseconds(2000), false, false);
  EXPECT_TRUE(experience.CallsForHelp());
  experience.Learn(microseconds(1100), true, true);
  EXPECT_TRUE(experience.CallsForHelp());
  // No core was idle.
  experience.Learn(microseconds(2000), false, false);
  EXPECT_TRUE(experience.CallsForHelp());
}

TEST(CrewExperienceTest, ForgivesSomeRunsWithoutHelp) {
  CrewExperience experience;
  experience.Learn(microseconds(2000), false, false);
  experience.Learn(microseconds(1100), true, true);
  for (int i = 0; i < 7; ++i) experience.Learn(microseconds(2000), true, false);
  EXPECT_TRUE(experience.CallsForHelp());
  experience.Learn(microseconds(2000), true, false);
  EXPECT_FALSE(experience.CallsForHelp());
}

TEST(CrewExperienceTest, GivesUpWhatDoesNotHelp) {
  CrewExperience experience;
  experience.Learn(microseconds(2000), false, false);
  experience.Learn(microseconds(2000), true, false);
  EXPECT_FALSE(experience.CallsForHelp());
  experience.Learn(microseconds(2000), false, false);
  EXPECT_FALSE(experience.CallsForHelp());
  for (int i = 0; i < 31; ++i) experience.Learn(microseconds(2000), false, false);
  EXPECT_TRUE(experience.CallsForHelp());
}

}  // namespace
}  // namespace eider::engine
