import HTTPTypes
import HubKit
import Synchronization
import Testing

@testable import HubAdmin

@Suite("The page of a month's documents")
struct DocumentsPageTests {
  @Test func `shows each agency, the total, and the way to other months and to the file`() async throws {
    let answer = try await Pages().get("/documents?month=2026-10", peer: "127.0.0.1")
    #expect(answer.status == .ok)
    #expect(answer.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
    for text in [
      "Văn bản tháng 2026-10", "Sở Mẫu", "H99.1", "12\u{202F}345", "00:01:30", "Tổng",
      "href=\"/documents.csv?month=2026-10\"", "href=\"/documents?month=2026-11\"", "href=\"/documents?month=2024-12\"",
      "aria-current=\"page\">2026-10<",
    ] {
      #expect(answer.text.contains(text), "\(text)")
    }
    // What comes from outside is text, wherever it stands.
    #expect(answer.text.contains("&lt;script&gt;") && !answer.text.contains("<script>"))
  }

  @Test func `the file is a table of its own`() async throws {
    let answer = try await Pages().get("/documents.csv?month=2026-10", peer: "127.0.0.1")
    #expect(answer.headers["Content-Type"] == "text/csv; charset=utf-8")
    #expect(answer.headers["Content-Disposition"] == "attachment; filename=\"van-ban-2026-10.csv\"")
    #expect(answer.headers["Cache-Control"] == "no-store")
    #expect(answer.text.contains("H99.1,Sở Mẫu,12345,"))
  }

  @Test func `is read by those who may read the status page, and by nobody else`() async throws {
    for path in ["/documents", "/documents.csv"] {
      let site = Pages()
      #expect(try await site.get(path, peer: "10.1.2.3").status == .forbidden)
      #expect(site.overview.months.withLock { $0 } == [])
      for month in ["2026-12", "2024-11", "2026-1", "%3Cscript%3E", ""] {
        let answer = try await site.get("\(path)?month=\(month)", peer: "127.0.0.1")
        #expect(answer.status == .notFound, "\(month)")
        #expect(!answer.text.contains("<"))
      }
      #expect(site.overview.months.withLock { $0 } == [], "a month that is none costs nothing")
      // This month, when nobody says which.
      #expect(try await site.get(path, peer: "127.0.0.1").status == .ok)
      #expect(site.overview.months.withLock { $0 } == ["2026-11"])
    }
  }

  @Test func `an operator who has signed in reads it from elsewhere, nobody else does`() async throws {
    let desk = Desk()
    var stranger = desk.browser()
    #expect(try await stranger.get("/documents").status == .forbidden)
    var operatorsBrowser = try await desk.signedIn()
    // The journal of this desk cannot be read.
    #expect(try await operatorsBrowser.get("/documents").status == .serviceUnavailable)
    #expect(try await operatorsBrowser.get("/documents.csv").status == .serviceUnavailable)
  }

  @Test func `a storm of loads counts a month once`() async throws {
    let site = Pages()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          let path = number % 2 == 0 ? "/documents" : "/documents.csv"
          return try await site.get("\(path)?month=2026-\(number % 4 < 2 ? "11" : "09")", peer: "127.0.0.1").status
            == .ok
        }
      }
      for try await isWell in group { #expect(isWell) }
    }
    #expect(site.overview.months.withLock { $0.sorted() } == ["2026-09", "2026-11"])
  }
}

extension Samples {
  static func documents(in month: CalendarMonth) -> DocumentMonth {
    var figures = DocumentMonth.Figures()
    (figures.sent, figures.received, figures.overdue) = (12_345, 7, 2)
    figures.toArrive = DocumentMonth.Times([.seconds(90)])
    return DocumentMonth(
      month: month, madeAt: now, arrivalWithin: .seconds(86_400),
      agencies: ["H99.1": "Sở Mẫu", "H99.2": "<script>alert(1)</script>", "H99.3": nil].compactMap { code, name in
        OrganisationCode(code).map { .init(code: $0, name: name, figures: figures) }
      }, total: figures)
  }
}
