/// One column of a table.
struct Column {
  let title: Bilingual
  /// Class of its cells: `number` stands right, `code` may break anywhere, `wide` takes what is left.
  let kind: StaticString

  init(_ vi: String, _ en: String, _ kind: StaticString = "text") {
    title = Bilingual(vi, en)
    self.kind = kind
  }
}

/// A table that stays a table for screen readers when a narrow screen lays it out as cards: roles are said aloud, since
/// changing `display` takes them away.
struct Table {
  let id: StaticString
  let title: Bilingual
  let columns: [Column]
  let rows: [[HTML]]
  /// Said in place of rows when there are none.
  let empty: Bilingual

  var html: HTML {
    .element("section", [.init("class", "card"), .init("aria-labelledby", id.description)]) {
      HTML.element("h2", [.init("id", id.description)]) { title.html }
      if rows.isEmpty {
        HTML.element("p", [.init("class", "empty")]) { empty.html }
      } else {
        HTML.element(
          "table", [.init("role", "table"), .init("class", "t-\(id)"), .init("aria-labelledby", id.description)]
        ) {
          HTML.element("thead", [.init("role", "rowgroup")]) { headRow }
          HTML.element("tbody", [.init("role", "rowgroup")]) { HTML.joined(rows.map(row)) }
        }
      }
    }
  }

  private var headRow: HTML {
    .element("tr", [.init("role", "row")]) {
      for column in columns {
        HTML.element(
          "th", [.init("role", "columnheader"), .init("scope", "col"), .init("class", column.kind.description)]
        ) { column.title.html }
      }
    }
  }

  /// The first cell names the row.
  private func row(_ cells: [HTML]) -> HTML {
    .element("tr", [.init("role", "row")]) {
      for (index, (column, cell)) in zip(columns, cells).enumerated() {
        if index == 0 {
          HTML.element(
            "th", [.init("role", "rowheader"), .init("scope", "row"), .init("class", column.kind.description)]
          ) { cell }
        } else {
          HTML.element(
            "td",
            [
              .init("role", "cell"), .init("class", column.kind.description),
              .init("data-vi", column.title.vi), .init("data-en", column.title.en),
            ]
          ) { cell }
        }
      }
    }
  }
}

/// A state: colour, sign and word together.
enum Badge {
  static func html(_ kind: StaticString, _ sign: HTML, _ word: Bilingual) -> HTML {
    .element("span", [.init("class", "badge \(kind)")]) {
      sign
      word.html
    }
  }
}
