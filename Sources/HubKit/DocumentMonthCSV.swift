extension DocumentMonth {
  /// The agencies as a table for spreadsheets: RFC 4180, UTF-8 behind a byte order mark, without which Excel takes the
  /// text for another encoding. Times are whole seconds. No cell can be read as a formula: text that begins like one
  /// gets an apostrophe, as OWASP advises.
  public var csv: String {
    let rows = agencies.map { agency in
      [agency.code.text, agency.name ?? ""].map(Self.cell) + agency.figures.cells
    }
    return "\u{FEFF}" + ([Self.headings.map(Self.cell)] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  private static let headings = [
    "Mã / code", "Tên / name", "Gửi / sent", "Nhận / received", "Đã báo / arrived", "Tiếp nhận / accepted",
    "Từ chối / refused", "Hoàn thành / completed", "Trễ / overdue", "Không chuyển được / not delivered",
    "01 trung vị (s) / median", "01 lâu nhất (s) / worst", "03 trung vị (s) / median", "03 lâu nhất (s) / worst",
    "06 trung vị (s) / median", "06 lâu nhất (s) / worst",
  ]

  private static func cell(_ text: String) -> String {
    let formulas: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
    let safe = text.unicodeScalars.first.map(formulas.contains) == true ? "'" + text : text
    let needsQuotes = safe.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
    return needsQuotes
      ? "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : safe
  }
}

extension DocumentMonth.Figures {
  fileprivate var cells: [String] {
    [sent, received, arrived, accepted, refused, completed, overdue, undelivered].map(String.init)
      + [toArrive, toAccept, toComplete].flatMap { [$0.medianMilliseconds, $0.worstMilliseconds] }
      .map { time in time.map { String($0 / 1000) } ?? "" }
  }
}
