import FoundationEssentials
import HubConfig
import HubKit
import HubTesting
import Synchronization
import Testing

@Suite struct LiveDirectoryTests {
  private let folder: TemporaryDirectory
  /// Far from the files' own times, so that none counts as just written.
  private let clock = TestClock(now: Timestamp(seconds: 4_000_000_000))

  init() throws {
    folder = try TemporaryDirectory("live")
    try folder.write("agencies.yaml", text: Sample.agencies)
    try folder.write("access.yaml", text: Sample.access)
  }

  @Test func `A change of either file acts at the next look`() throws {
    let directory = try LiveDirectory(folder: folder.path, clock: clock)
    let agency = Principal.agency(code("H24.1"))
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) == nil)
    #expect(directory.agencies.count == 2 && directory.agency(code("H23"))?.name == "Thành phố")
    try folder.write("access.yaml", text: "access: []\n")
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) == nil)
    clock.advance(by: LiveDirectory.lookEvery)
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) != nil)
    try folder.write("agencies.yaml", text: Sample.agencies + "\n  - {code: G22, name: Văn phòng}\n")
    #expect(directory.agency(code("G22"))?.name == "Văn phòng")
  }

  @Test func `What was added counts at once`() throws {
    try folder.write("access.yaml", text: "access: []\n")
    let directory = try LiveDirectory(folder: folder.path, clock: clock)
    let agency = Principal.agency(code("H24.1"))
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) != nil)
    #expect(directory.refusal(of: agency, calling: "population") != nil && !directory.mayObserve(code("H24.1")))
    let rights = #"{agency: H24.1, send: ["*"], call: ["*"], observe: true}"#
    try folder.write("access.yaml", text: "access:\n  - \(rights)\n")
    #expect(directory.mayObserve(code("H24.1")))
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) == nil)
    #expect(directory.refusal(of: agency, calling: "population") == nil)
  }

  @Test func `A credential that is revoked opens nothing from the next look on`() throws {
    let editor = AgencyEditor(folder: folder.path, clock: clock)
    let directory = try LiveDirectory(folder: folder.path, clock: clock)
    let issued = try editor.rotate(code("H24.1"))
    #expect(directory.credential(issued.id)?.admits(issued.secret, at: clock.now) == true)
    try editor.revoke(credential: issued.id)
    clock.advance(by: LiveDirectory.lookEvery)
    #expect(directory.credential(issued.id) == nil)
  }

  @Test func `A broken file changes nothing and is reported once`() throws {
    let reports = Mutex<[[String]]>([])
    let directory = try LiveDirectory(folder: folder.path, clock: clock) { complaints in
      reports.withLock { $0.append(complaints.map(\.short)) }
    }
    try folder.write("agencies.yaml", text: "agencies:\n  - {cod: H24, name: A}\n")
    for _ in 0..<3 { #expect(directory.agencies.count == 2) }
    let expected = ["agencies.yaml:2:5 missing-key", "agencies.yaml:2:6 unknown-key -> code"]
    #expect(directory.complaints.map(\.short) == expected)
    try FileManager.default.removeItem(atPath: folder.file("agencies.yaml"))
    #expect(directory.agencies.count == 2)
    try folder.write("agencies.yaml", text: "agencies: []\n")
    #expect(directory.agencies.isEmpty && directory.complaints.isEmpty)
    #expect(reports.withLock { $0 } == [expected, ["agencies.yaml:1:1 unreadable"], []])
  }

  @Test func `A change that leaves size and time as they were is seen while the file is young`() throws {
    let path = folder.file("access.yaml")
    let young = Timestamp(seconds: 1_800_000_000)
    let time = Date(timeIntervalSince1970: 1_800_000_000)
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
    clock.advance(to: young + .milliseconds(1))
    let directory = try LiveDirectory(folder: folder.path, clock: clock)
    let agency = Principal.agency(code("H24.1"))
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) == nil)
    // The same file, the same length, and the clock of the file system has not ticked.
    let handle = try #require(FileHandleWriter(path))
    handle.overwrite(Array(Sample.access.replacing("vn.gov", with: "vn.org").utf8))
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
    clock.advance(by: LiveDirectory.lookEvery)
    #expect(directory.refusal(of: agency, sending: "vn.gov.a", to: []) != nil)
  }

  @Test func `Without good files there is no directory`() throws {
    try folder.write("access.yaml", text: "access: 5\n")
    let error = #expect(throws: ConfigurationError.self) { try LiveDirectory(folder: folder.path, clock: clock) }
    #expect(error?.complaints.map(\.short) == ["access.yaml:1:9 wrong-kind"])
  }

  @Test func `Many may ask while the files change`() async throws {
    let directory = try LiveDirectory(folder: folder.path, clock: clock)
    let editor = AgencyEditor(folder: folder.path, clock: clock)
    let agency = code("H24.1")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<20 {
          let issued = try editor.rotate(agency)
          #expect(directory.credential(issued.id) != nil)
          try editor.revoke(credential: issued.id)
        }
      }
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<500 {
            #expect(directory.refusal(of: .agency(agency), sending: "vn.gov.a", to: [agency]) == nil)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(directory.complaints.isEmpty)
  }
}
