#include "agent/review/questions.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

const ReplicaNames kNames = {{7, "north"}, {9, "south"}};

Result<ConflictFilter> Parse(const std::string& text) {
  return ParseConflictFilter(Json::parse(text), kNames);
}

TEST(QuestionsTest, EverythingMayBeMissing) {
  const Result<ConflictFilter> filter = Parse("{}");
  ASSERT_TRUE(filter.ok());
  EXPECT_FALSE(filter->open.has_value());
  EXPECT_FALSE(filter->kind.has_value());
  EXPECT_TRUE(filter->replicas.empty());
  EXPECT_EQ(filter->limit, 50u);
  EXPECT_EQ(filter->sort, ConflictFilter::Sort::kDetected);
}

TEST(QuestionsTest, AllOfThem) {
  const Result<ConflictFilter> filter = Parse(
      R"({"state": "decided", "kind": "late-write", "office": "south", "text": "x",
          "from": "2026-11-23T10:00:00Z", "to": "2026-11-23T10:00:01Z", "sort": "kind",
          "descending": true, "offset": 7, "limit": 9})");
  ASSERT_TRUE(filter.ok()) << filter.status().ToString();
  EXPECT_EQ(filter->open, false);
  EXPECT_EQ(filter->kind, ConflictKind::kLateWrite);
  EXPECT_EQ(filter->replicas, std::vector<uint32_t>{9});
  EXPECT_EQ(filter->text, "x");
  EXPECT_EQ(filter->from_ms, 1'795'428'000'000);
  EXPECT_EQ(filter->until_ms, 1'795'428'001'999);
  EXPECT_EQ(filter->sort, ConflictFilter::Sort::kKind);
  EXPECT_TRUE(filter->descending);
  EXPECT_EQ(filter->offset, 7u);
  EXPECT_EQ(filter->limit, 9u);
}

TEST(QuestionsTest, WhatCannotBeIsSaid) {
  for (const char* text :
       {R"({"state": "odd"})", R"({"kind": "odd"})", R"({"office": "west"})",
        R"({"from": "yesterday"})", R"({"to": "2026-13-01T00:00:00Z"})", R"({"sort": "size"})"}) {
    EXPECT_TRUE(Parse(text).Is(Errc::kInvalid)) << text;
  }
  EXPECT_TRUE(ParseConflictFilter({{"text", std::string(2000, 'x')}}, kNames).Is(Errc::kInvalid));
  // Another type counts as missing, as everywhere.
  EXPECT_TRUE(Parse(R"({"state": 5, "limit": "many", "offset": -3, "kind": null})").ok());
}

TEST(QuestionsTest, Times) {
  EXPECT_EQ(*ParseUtcTime("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*ParseUtcTime("2024-02-29T12:00:00Z"), 1'709'208'000'000);
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23T10:00:00Zx", "2025-02-29T00:00:00Z",
        "2026-11-23T24:00:00Z", "2026-11-23T10:60:00Z", "x2026-11-23T10:00:00Z"}) {
    EXPECT_TRUE(ParseUtcTime(text).Is(Errc::kInvalid)) << text;
  }
}

TEST(QuestionsTest, Decisions) {
  const std::string a(32, 'a');
  const std::string b(32, 'b');
  const Json good = {{{"id", a}, {"keep", "loser"}}, {{"id", b}, {"keep", "both"}}};
  const Result<std::vector<ReviewDecision>> decisions = ParseDecisions(good, 2);
  ASSERT_TRUE(decisions.ok());
  EXPECT_EQ(decisions->at(0).keep, Keep::kLoser);
  EXPECT_EQ(decisions->at(1).id.ToHex(), b);
  EXPECT_FALSE(ParseDecisions(good, 1).ok());
  for (const Json& bad :
       {Json{{{"id", "short"}, {"keep", "loser"}}}, Json{{{"id", a}, {"keep", "all"}}}, Json{{5}},
        Json{{{"id", a}, {"keep", "loser"}}, {{"id", a}, {"keep", "winner"}}}}) {
    EXPECT_FALSE(ParseDecisions(bad, 9).ok()) << bad.dump();
  }
}

}  // namespace
}  // namespace atozsync
