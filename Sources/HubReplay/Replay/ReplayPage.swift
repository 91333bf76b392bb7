internal import HubKit

/// A replay's result as one HTML page that needs nothing else: each cause with its example side by side.
public enum ReplayPage {
  /// The page.
  ///
  /// - Parameters:
  ///   - report: what the replay found.
  ///   - title: what was played on what.
  public static func html(_ report: ReplayReport, title: String) -> String {
    let groups = report.groups.prefix(groupsMax).enumerated().map { section($0.offset + 1, $0.element) }
    let rest = report.groups.count > groupsMax ? "<p>… +\(report.groups.count - groupsMax)</p>" : ""
    let notes = ReplayText.notes(report).filter { !$0.isEmpty }.map { "<li>\(escaped($0))</li>" }
    return """
      <!DOCTYPE html>
      <html lang="vi"><head><meta charset="utf-8"><title>\(escaped(title))</title><style>\(style)</style></head><body>
      <h1>Phát lại / Replay</h1><p>\(escaped(title))</p>
      <table class="sums"><tr>\(sums(report))</tr></table>
      \(groups.joined(separator: "\n"))\(rest)
      <ul class="notes">\(notes.joined())</ul>
      </body></html>

      """
  }

  private static let groupsMax = 200

  private static func sums(_ report: ReplayReport) -> String {
    [
      ("giống / same", report.same), ("khác / different", report.different),
      ("lời gọi mới / new calls", report.newCalls), ("không còn gọi / missing calls", report.missingCalls),
      ("không phát lại được / not played", report.unplayed),
    ].map { "<td><b>\($0.1)</b><br>\($0.0)</td>" }.joined()
  }

  private static func section(_ number: Int, _ group: ReplayGroup) -> String {
    let places = group.places.map { place in
      "<tr><td>\(escaped(ReplayText.words(place)))\(source(place))</td><td>\(escaped(place.recorded ?? "-"))</td>"
        + "<td>\(escaped(place.made ?? "-"))</td></tr>"
    }
    let named = group.exchanges.prefix(5).map { "<code>\($0.text)</code>" }.joined(separator: " ")
    return """
      <section><h2>\(number). \(escaped(group.route)): \(group.count) giao dịch / exchanges</h2>
      <table class="places"><tr><th>ở đâu / where</th><th>trước / recorded</th><th>nay / made</th></tr>
      \(places.joined())</table><p>\(named)</p>\(sideBySide(group.whole))</section>
      """
  }

  /// The lines of mappings from which a place comes.
  private static func source(_ place: ReplayGroup.Place) -> String {
    (place.source ?? []).map { "<br><code>\(escaped($0))</code>" }.joined()
  }

  private static func sideBySide(_ whole: [String?]) -> String {
    guard whole.count == 2 else { return "" }
    let rows = LineComparison.rows(layout(whole[0] ?? ""), layout(whole[1] ?? ""))
    let cells = rows.map { row in
      "<tr class=\"\(row.isSame ? "same" : "other")\"><td>\(escaped(row.left ?? ""))</td>"
        + "<td>\(escaped(row.right ?? ""))</td></tr>"
    }
    return "<table class=\"sides\">\(cells.joined())</table>"
  }

  /// One member or element a line, so that lines can be compared.
  private static func layout(_ text: String) -> [String] {
    let isMarkup = text.first { !$0.isWhitespace } == "<"
    let laid = isMarkup ? text.replacing("><", with: ">\n<") : JSONLayout.lines(Array(text.utf8)) ?? text
    return laid.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  private static let style = """
    body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2430}
    table{border-collapse:collapse;width:100%}section{margin:2rem 0}h2{font-size:1.15rem}
    td,th{border:1px solid #d5dae1;padding:.3rem .5rem;text-align:left;vertical-align:top}
    .sums td{text-align:center}.sums b{font-size:1.6rem}.places td{overflow-wrap:anywhere}
    .sides td{font:13px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;width:50%;
    border:0 solid #d5dae1;border-left-width:1px}.sides .other td{background:#fff1d6}
    """
}

/// Lines of two texts side by side.
enum LineComparison {
  struct Row {
    var left, right: String?
    var isSame: Bool
  }

  /// Texts longer than this are shown line against line, without looking for what moved.
  private static let linesMax = 2000

  static func rows(_ left: [String], _ right: [String]) -> [Row] {
    guard left.count <= linesMax, right.count <= linesMax else {
      return (0..<max(left.count, right.count)).map { index in
        let (one, other) = (
          index < left.count ? left[index] : nil, index < right.count ? right[index] : nil
        )
        return Row(left: one, right: other, isSame: one == other)
      }
    }
    let difference = right.difference(from: left)
    let removed = Set(difference.removals.map(\.offset))
    let inserted = Set(difference.insertions.map(\.offset))
    var rows: [Row] = []
    var (one, other) = (0, 0)
    while one < left.count || other < right.count {
      let isRemoved = one < left.count && removed.contains(one)
      let isInserted = other < right.count && inserted.contains(other)
      if isRemoved || isInserted {
        rows.append(Row(left: isRemoved ? left[one] : nil, right: isInserted ? right[other] : nil, isSame: false))
        if isRemoved { one += 1 }
        if isInserted { other += 1 }
      } else {
        rows.append(
          Row(
            left: one < left.count ? left[one] : nil, right: other < right.count ? right[other] : nil, isSame: true))
        one += 1
        other += 1
      }
    }
    return rows
  }
}

extension CollectionDifference.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
