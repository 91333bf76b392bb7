import FoundationEssentials
import HubConfig
import HubKit
import HubRouting
import HubTesting
import Testing

@Suite struct AgencyEditorTests {
  private let folder: TemporaryDirectory
  private let clock = TestClock()
  private let editor: AgencyEditor

  /// Comments, blank lines, odd spaces and quotes that must survive.
  private static let commented = """
    # Danh sách – list

    agencies:   # tất cả
      - code: H24   # thành phố
        name: "Thành phố"
        aliases: [H23]

      # Sở Nội vụ
      - name: 'Sở Nội vụ'
        code: H24.1
        endpoint: city
    # cuối tệp – end

    """

  init() throws {
    folder = try TemporaryDirectory("editor")
    editor = AgencyEditor(folder: folder.path, clock: clock)
    try folder.write("agencies.yaml", text: Self.commented)
    try folder.write("access.yaml", text: "# quyền\naccess:\n  - {agency: H24, send: [a]}  # một\n")
  }

  private func text(_ name: String = "agencies.yaml") throws -> String {
    String(decoding: try #require(FileManager.default.contents(atPath: folder.file(name))), as: UTF8.self)
  }

  /// The lines that one text has more than the other, in order; the rest must be equal.
  private func added(_ old: String, _ new: String) -> [String] {
    var rest = old.split(separator: "\n", omittingEmptySubsequences: false)[...]
    var more: [String] = []
    for line in new.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == rest.first { rest = rest.dropFirst() } else { more.append(String(line)) }
    }
    #expect(rest.isEmpty, "lines are missing: \(rest)")
    return more
  }

  @Test func `A credential is one new line, and revoking it brings the old bytes back but for the empty list`() throws {
    let issued = try editor.rotate(code("H24.1"))
    let lines = added(Self.commented, try text())
    #expect(lines.count == 2 && lines[0] == "    credentials:")
    #expect(lines[1].hasPrefix("      - {id: \"H24.1-") && lines[1].hasSuffix("created: \"2026-01-05T01:00:00.000Z\"}"))
    #expect(!(try text()).contains(issued.secret))
    #expect(issued.secret.hasPrefix("lgsp_") && issued.secret.count == 48 && issued.description == issued.id)
    try editor.revoke(credential: issued.id)
    #expect(added(Self.commented, try text()) == ["    credentials: []"])
    // From here on the file comes back to the byte.
    let before = try text()
    try editor.revoke(credential: try editor.rotate(code("H24.1")).id)
    #expect(try text() == before)
  }

  @Test func `The old credential stays valid until it is revoked, or for a time`() throws {
    let agency = code("H24.1")
    let first = try editor.rotate(agency)
    let second = try editor.rotate(agency)
    #expect(throws: AgencyEditError.twoCredentials(agency, ids: [first.id, second.id])) { try editor.rotate(agency) }
    try editor.revoke(credential: first.id)
    let third = try editor.rotate(agency, keepingOldFor: .seconds(60))
    let book = try editor.list()
    #expect(book.credential(first.id) == nil)
    #expect(book.credential(second.id)?.expires == clock.now + .seconds(60))
    #expect(book.credential(second.id)?.admits(second.secret, at: clock.now) == true)
    #expect(book.credential(third.id)?.expires == nil)
    // One that has ended makes room.
    clock.advance(by: .seconds(60))
    let fourth = try editor.rotate(agency)
    #expect(try editor.list().credentials.map(\.id) == [third.id, fourth.id])
    #expect(try editor.revokeAll(of: agency) == [third.id, fourth.id])
    #expect(try editor.list().credentials.isEmpty)
  }

  @Test func `An alias names its agency, a slip gets the nearest code`() throws {
    #expect(try editor.rotate(code("H23")).agency == code("H24"))
    #expect(throws: AgencyEditError.unknownAgency(code("H24.2"), nearest: "H24.1")) {
      try editor.rotate(code("H24.2"))
    }
    #expect(throws: AgencyEditError.unknownCredential("nobody", nearest: nil)) {
      try editor.revoke(credential: "nobody")
    }
  }

  @Test func `An agency is added behind the last one, whatever its name holds`() throws {
    let name = "Xã \"Vĩnh Bảo\" \\ #1: {a}\u{2028}\u{1}"
    let agency = Agency(
      code: code("H24.105"), name: name, endpoint: "city", aliases: [code("000.00.05.H24"), code("1e3")])
    let issued = try #require(try editor.add(agency))
    let book = try editor.list()
    #expect(book.agencies.last == agency && book.agencies.count == 3)
    #expect(book.credential(issued.id)?.admits(issued.secret, at: clock.now) == true)
    #expect(added(Self.commented, try text()).count == 6)
    #expect(throws: AgencyEditError.codeTaken(code("H23"), by: code("H24"))) {
      try editor.add(Agency(code: code("H24.9"), name: "A", aliases: [code("H23")]))
    }
    #expect(try editor.add(Agency(code: code("G22"), name: "B"), withCredential: false) == nil)
    #expect(try editor.list().agencies.map(\.code.text) == ["H24", "H24.1", "H24.105", "G22"])
  }

  @Test func `A rule is added behind the last one`() throws {
    let before = try text("access.yaml")
    try editor.add(AccessRule(subject: .agencies(Pattern("H24.*")), send: [Pattern("vn.gov.*")], to: [Pattern("H24")]))
    try editor.add(AccessRule(subject: .endpoint("axis"), call: [Pattern("*")]))
    try editor.add(AccessRule(subject: .hub("insight"), send: [Pattern("vn.a")]))
    #expect(
      added(before, try text("access.yaml")) == [
        "  - {agency: \"H24.*\", send: [\"vn.gov.*\"], to: [\"H24\"]}", "  - {endpoint: \"axis\", call: [\"*\"]}",
        "  - {hub: insight, send: [\"vn.a\"]}",
      ])
    #expect(try editor.list().rules.count == 4)
  }

  @Test func `Files that are not there are made, for their owner only`() throws {
    let empty = try TemporaryDirectory("empty")
    let editor = AgencyEditor(folder: empty.path, clock: clock)
    let issued = try #require(try editor.add(Agency(code: code("H24"), name: "Thành phố")))
    try editor.add(AccessRule(subject: .agencies(Pattern("H24")), send: [Pattern("a")]))
    #expect(try editor.list().credential(issued.id) != nil)
    for name in ["agencies.yaml", "access.yaml"] {
      let mode = try FileManager.default.attributesOfItem(atPath: empty.file(name))[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
    // Nothing is left lying about.
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: empty.path).sorted() == ["access.yaml", "agencies.yaml"])
  }

  @Test func `The mode of a file and a link to it stay`() throws {
    let path = folder.file("agencies.yaml")
    try FileManager.default.moveItem(atPath: path, toPath: folder.file("real.yaml"))
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real.yaml")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    _ = try editor.rotate(code("H24"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "real.yaml")
    let mode = try FileManager.default.attributesOfItem(atPath: folder.file("real.yaml"))[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  @Test(arguments: [
    "agencies: []\n", "agencies: [ ]  # none yet\n", "# nothing\n", "other\n",
    "agencies:\r\n  - code: H1\r\n    name: A\r\n",
    "agencies:\n- code: H1\n  name: A", "agencies: [{code: H1, name: A}]\n", "agencies:\n  - {code: H1, name: A}\n",
    "agencies:\n  - code: H1\n    name: A\n    credentials: []  # later\n",
    "agencies:\n  - code: H1\n    name: >-\n      A\n      B\n",
    "agencies:\n  -\n    code: H1\n    name: A\n",
  ])
  func `However the file is written, a change is right or is refused`(original: String) throws {
    try folder.write("agencies.yaml", text: original)
    let agency = Agency(code: code("H7"), name: "Mới")
    do {
      let issued = try #require(try editor.add(agency))
      #expect(try editor.list().credential(issued.id)?.agency == agency.code)
      #expect(try editor.list().agencies.last == agency)
    } catch {
      #expect(try text() == original, "a refused change left something behind")
    }
    let before = try text()
    do {
      let issued = try editor.rotate(code("H1"))
      #expect(try editor.list().credential(issued.id)?.agency.text == "H1")
    } catch {
      #expect(try text() == before, "a refused change left something behind")
    }
  }

  @Test func `Windows line ends and a missing last line break are kept`() throws {
    try folder.write("agencies.yaml", text: "agencies:\r\n  - code: H1\r\n    name: A")
    _ = try editor.rotate(code("H1"))
    let lines = try text().split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.count == 6 && lines[3] == "    credentials:" && lines[5] == "")
  }

  @Test func `Editors that work at the same time do not lose one another's change`() async throws {
    let editor = self.editor
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        group.addTask {
          try editor.add(Agency(code: code("X\(number)"), name: "A"))
          try editor.add(AccessRule(subject: .agencies(Pattern("X\(number)")), send: [Pattern("a")]))
        }
      }
      try await group.waitForAll()
    }
    let book = try editor.list()
    #expect(book.agencies.count == 18 && book.credentials.count == 16 && book.rules.count == 17)
  }

  @Test func `another name, another alias and an end are one line each, and the rest stays`() throws {
    let old = try #require(try editor.list().agency(code("H24.1")))
    var new = old
    new.name = "Sở Nội vụ và Lao động"
    new.aliases = [code("000.00.01.H24")]
    new.until = CalendarDay("2027-01-01")
    try editor.update(new)
    #expect(try editor.list().agency(code("000.00.01.H24")) == new)
    let wanted = Self.commented.replacing("  - name: 'Sở Nội vụ'", with: "  - name: \"Sở Nội vụ và Lao động\"")
    #expect(added(wanted, try text()).sorted() == ["    aliases: [\"000.00.01.H24\"]", "    until: 2027-01-01"])
    var greedy = new
    greedy.aliases.append(code("H23"))
    #expect(throws: AgencyEditError.self) { try editor.update(greedy) }
  }
}

/// What another system's list says and ours does not.
@Suite struct AgencyComparisonTests {
  @Test func `only agencies beyond the city and unknown ones differ, and a code of somebody else is left to a person`()
    throws
  {
    let book = AgencyBook(agencies: [
      Agency(code: code("H24.1"), name: "Sở Nội vụ", endpoint: "city", aliases: [code("000.00.01.H24")]),
      Agency(code: code("G22"), name: "VPCP", endpoint: "axis"),
      Agency(code: code("H41"), name: "Nghệ An", endpoint: "axis"),
      Agency(code: code("H99"), name: "Không có trong danh sách", endpoint: "axis"),
    ])
    let today = try #require(CalendarDay("2026-11-28"))
    let comparison = AgencyComparison(
      book,
      listed: [
        ListedAgency(code: code("H24.1"), name: "Tên khác"),
        ListedAgency(code: code("G22"), name: "Văn phòng Chính phủ", aliases: [code("000.00.00.G22")]),
        ListedAgency(code: code("H41"), name: "Nghệ An", isDeleted: true),
        ListedAgency(code: code("H56"), name: "Thanh Hóa", aliases: [code("000.00.01.H24"), code("000.00.00.H56")]),
        ListedAgency(code: code("H57"), name: "Đã xoá", isDeleted: true),
      ], endpoint: "axis", today: today)
    var office = try #require(book.agency(code("G22")))
    (office.name, office.aliases) = ("Văn phòng Chính phủ", [code("000.00.00.G22")])
    var gone = try #require(book.agency(code("H41")))
    gone.until = today
    let new = Agency(code: code("H56"), name: "Thanh Hóa", endpoint: "axis", aliases: [code("000.00.00.H56")])
    #expect(
      comparison.differences == [
        .changed(office, from: try #require(book.agency(code("G22")))),
        .changed(gone, from: try #require(book.agency(code("H41")))),
        .taken(code("000.00.01.H24"), of: code("H56"), by: code("H24.1")), .new(new),
      ])
    #expect(comparison.unlisted.map(\.code) == [code("H99")])
  }
}
