import HubKit
import Testing

@Suite struct DocumentMonthCSVTests {
  @Test(arguments: [
    ("2026-11", true), ("2026-01", true), ("2026-12", true), ("2026-13", false), ("2026-00", false), ("2026-1", false),
    ("26-11", false), ("2026-11-01", false), ("+026-11", false), ("", false), ("2026/11", false), ("1999-12", false),
  ])
  func `a month is written as year and month`(text: String, isMonth: Bool) {
    #expect((CalendarMonth(text) != nil) == isMonth)
    if isMonth { #expect(CalendarMonth(text)?.text == text) }
  }

  @Test func `it goes from midnight to midnight on the city's clock`() throws {
    let month = try #require(CalendarMonth("2026-12"))
    #expect(month.range.lowerBound.description == "2026-11-30T17:00:00.000Z")
    #expect(month.range.upperBound.description == "2026-12-31T17:00:00.000Z")
    #expect(CalendarMonth(of: month.range.lowerBound) == month)
    #expect(CalendarMonth(of: month.range.upperBound).text == "2027-01")
    #expect(CalendarMonth(of: month.range.lowerBound - .seconds(1)).text == "2026-11")
    #expect(month.advanced(by: -12).text == "2025-12" && month.advanced(by: -12) < month)
  }

  @Test(arguments: [
    ("Sở Nội vụ", "Sở Nội vụ"), ("=1+1", "'=1+1"), ("+84", "'+84"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
    ("＝1", "'＝1"), ("\t=1", "'\t=1"), ("a,b", "\"a,b\""), ("a \"b\"", "\"a \"\"b\"\"\""),
    ("=\"x\",1", "\"'=\"\"x\"\",1\""), ("a\nb", "\"a\nb\""), ("\r=1", "\"'\r=1\""), ("a=b", "a=b"), ("", ""),
  ])
  func `no name is a formula, and each stays in its cell`(name: String, cell: String) throws {
    let code = try #require(OrganisationCode("H24.1"))
    var figures = DocumentMonth.Figures()
    (figures.sent, figures.received, figures.overdue) = (1, 2, 3)
    figures.toArrive = DocumentMonth.Times([.seconds(90)])
    let month = DocumentMonth(
      month: try #require(CalendarMonth("2026-11")), madeAt: Timestamp(seconds: 0), arrivalWithin: .seconds(1),
      agencies: [.init(code: code, name: name, figures: figures)], total: figures)
    let text = month.csv
    #expect(text.unicodeScalars.first == "\u{FEFF}")
    #expect(text.hasSuffix("\r\n"))
    let parts = text.split(separator: "\r\n" as Character, maxSplits: 1)
    #expect(parts[1] == "H24.1,\(cell),1,2,0,0,0,0,3,0,90,90,,,,\r\n")
    #expect(parts[0].split(separator: ",").count == 16)
  }
}
