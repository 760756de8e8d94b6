#pragma once

namespace eider::catalog::testing {

// The library of the specification.
inline constexpr char kLibrary[] = R"(
type authors @table(name: "authors") {
  id: Int! @pk @default(sequence: "authors_id_seq")
  name: String!
  born: Date
  mentor_id: Int @field_references(references_name: "authors", field: "id", query: "mentor", references_query: "pupils")
}
type books @table(name: "books") {
  id: Int! @pk @default(sequence: "books_id_seq")
  title: String!
  price: Float
  pages: Int! @default(value: "0")
  facts: JSON
  format: BookFormat
  printed_at: Timestamp
  author_id: Int @field_references(references_name: "authors", field: "id", query: "author", references_query: "books")
}
type BookFormat { cover: String  height_mm: Int  paper: Paper }
type Paper { grade: String }
type genres @table(name: "genres") { id: Int! @pk @default(sequence: "genres_id_seq")  name: String! }
type book_genres @table(name: "book_genres", is_m2m: true) {
  book_id:  Int! @pk @field_references(references_name: "books",  field: "id", query: "book",  references_query: "genres")
  genre_id: Int! @pk @field_references(references_name: "genres", field: "id", query: "genre", references_query: "books_of_genre")
}
type books_by_price @view(name: "books_by_price",
    sql: "SELECT id, title, price FROM books WHERE price BETWEEN [$lo] AND [$hi]") @args(name: "price_window") {
  id: Int! @pk  title: String!  price: Float
}
input price_window { lo: Float!  hi: Float! }
)";

}  // namespace eider::catalog::testing
