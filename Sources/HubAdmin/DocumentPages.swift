import HubKit
import Hummingbird

/// Answers `/documents` and `/documents.csv` to those who may read.
struct DocumentPages: Sendable {
  /// Months that can be asked for: this one and those before it.
  static let monthsMax = 24

  private let cache: DocumentMonthCache
  private let clock: any HubClock

  init(_ overview: any HubOverview, clock: any HubClock) {
    cache = DocumentMonthCache(overview, clock: clock)
    self.clock = clock
  }

  /// - Parameter text: the month asked for, as in `2026-11`; nil: this one.
  func answer(month text: String?, isFile: Bool) async -> Response {
    let newest = CalendarMonth(of: clock.now)
    let months = (0..<Self.monthsMax).map { newest.advanced(by: -$0) }
    guard let month = text.map({ CalendarMonth($0) }) ?? newest, months.contains(month) else {
      return .text(
        status: .notFound,
        """
        Không có tháng này; cần dạng 2026-11, trong \(Self.monthsMax) tháng gần đây.
        There is no such month; it is written as 2026-11, one of the last \(Self.monthsMax).
        """)
    }
    guard let documents = await cache.documents(in: month) else {
      return .text(status: .serviceUnavailable, "Không đọc được nhật ký / the journal cannot be read now.")
    }
    guard isFile else {
      let nonce = RandomText.bits(128)
      return .document(nonce: nonce, DocumentsPage(documents: documents, months: months, nonce: nonce).html)
    }
    var response = Response.of(documents.csv, type: "text/csv; charset=utf-8")
    response.add("Content-Disposition", "attachment; filename=\"van-ban-\(month.text).csv\"")
    return response
  }
}
