#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "columnar/json_encoder.h"
#include "engine/session.h"

namespace eider::engine {

// An in-memory database with one session, and short ways to ask it.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    DatabaseOptions options;
    options.threads = 2;
    auto opened = Database::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    database_ = std::move(*opened);
    session_ = OpenSession();
  }

  std::unique_ptr<Session> OpenSession() {
    auto session = Session::Open(*database_, SessionOptions());
    EXPECT_TRUE(session.ok());
    return std::move(*session);
  }

  // The rows of `sql` as JSON lists of values, or "error CODE: message".
  std::string Ask(const std::string& sql, const Parameters& parameters = {}, const Limits& limits = {}) {
    auto cursor = session_->Query(sql, parameters, limits);
    if (!cursor.ok()) return Show(cursor.error());
    return Rows(**cursor);
  }

  static std::string Show(const Error& error) {
    return "error " + std::string(ErrorCodeName(error.code)) + ": " + error.ToString();
  }

  // What is left of `cursor`: each row an object of its columns, rows joined by commas.
  static std::string Rows(Cursor& cursor) {
    columnar::Shape shape;
    shape.form = columnar::JsonForm::kObject;
    for (std::int64_t i = 0; i < cursor.schema()->column_count(); ++i) {
      columnar::Shape member;
      member.key = cursor.schema()->c_schema().children[i]->name;
      member.column = static_cast<int>(i);
      shape.members.push_back(member);
    }
    auto encoder = columnar::JsonEncoder::Create(shape, *cursor.schema(), {});
    if (!encoder.ok()) return Show(encoder.error());
    std::string out;
    while (true) {
      auto batch = cursor.Next();
      if (!batch.ok()) return Show(batch.error());
      if (!*batch) return out;
      if (!out.empty()) out.push_back(',');
      (*encoder)->AppendRows(**batch, 0, (*batch)->rows(), out);
    }
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

}  // namespace eider::engine
