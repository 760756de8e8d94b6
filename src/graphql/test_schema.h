#pragma once

#include <gtest/gtest.h>

#include <string>

#include "graphql/parser.h"
#include "graphql/schema_builder.h"

namespace eider::graphql::testing {

// The schema of `sdl`; fails the test when it does not build.
inline SchemaPtr MakeSchema(const std::string& sdl) {
  auto document = ParseSdl(sdl);
  if (!document) {
    ADD_FAILURE() << document.error().message;
    return nullptr;
  }
  SchemaBuilder builder;
  builder.AddSdl(**document);
  auto schema = builder.Build();
  if (!schema) {
    for (const GraphqlError& error : schema.error()) ADD_FAILURE() << error.message;
    return nullptr;
  }
  return *schema;
}

// A small library with every kind of type.
inline const char kLibrarySdl[] = R"graphql(
directive @cache(ttl: Int, key: String) on FIELD
directive @tag(name: String!) repeatable on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION
directive @stats on QUERY | FIELD
directive @var on VARIABLE_DEFINITION

scalar JSON
scalar BigInt
enum OrderDirection { ASC DESC }
enum TimeBucket { day month }
input OrderByField { field: String! direction: OrderDirection = ASC }
input lib_price_window { lo: Float! hi: Float! step: Int! = 1 }
input lib_books_filter { id: IntFilter title: StringFilter _and: [lib_books_filter] _not: lib_books_filter }
input IntFilter { eq: Int in: [Int!] is_null: Boolean }
input StringFilter { eq: String }
input Pick @oneOf { id: Int name: String }
interface Node { id: Int! }
interface Named { name: String }
type lib_authors implements Node & Named { id: Int! name: String books(limit: Int = 10): [lib_books] mentor: lib_authors }
type lib_books implements Node {
  id: Int!
  title: String!
  price: Float
  facts(struct: JSON): JSON
  printed_at(bucket: TimeBucket): String
  author: lib_authors
  old: Int @deprecated(reason: "gone")
  tags: [String!]!
}
type lib_rooms { id: String floor: Int }
union Thing = lib_authors | lib_books | lib_rooms
type Lib {
  books(filter: lib_books_filter, order_by: [OrderByField], limit: Int = 2000, ids: [Int!]): [lib_books]
  books_by_pk(id: Int!): lib_books
  books_by_price(args: lib_price_window!): [lib_books]
  authors: [lib_authors]
  pick(by: Pick!): lib_books
  need(n: Int! = 5, m: [Int]): Int
}
type Query { lib: Lib node(id: Int!): Node things: [Thing] named: Named echo(a: Int, s: String, f: Float, b: Boolean, i: ID, j: JSON, big: BigInt): String }
type Mutation { insert(title: String!): lib_books }
type Subscription { changes: lib_books other: Int }
)graphql";

}  // namespace eider::graphql::testing
