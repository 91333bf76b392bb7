import Foundation
import HubKit
import HubTesting
import Testing

@testable import HubReplay

@Suite("Bundles")
struct BundleTests {
  private let folder: TemporaryDirectory
  private var bundle: String { folder.file("bundle") }

  init() throws { folder = try TemporaryDirectory("bundle") }

  /// An exchange with a document of its own, sent on as it came.
  static func recording(_ number: Int, body: String = #"{"họ":"Nguyễn"}"#) -> Recording {
    var contents = Contents()
    let content = contents.add(Array("\(body) \(number)".utf8), type: "application/json")
    let name = CallName(endpoint: "e")
    let id = ExchangeID(time: Timestamp(seconds: 1_767_225_600), random: (0, UInt64(number)))
    let attempt = RecordedAttempt(verdict: .success, code: "201", microseconds: 1500)
    let request = MadeRequest(
      method: "POST", url: "https://e.example.vn/messages?x=1", headers: [["content-type", "application/json"]],
      body: content)
    let delivery = MadeDelivery(
      name: name, route: "r", state: .delivered, attempts: 1, body: content, requests: [request])
    return Recording(
      exchange: RecordedExchange(
        id: id, receivedAt: Timestamp(seconds: 1_767_225_600), principal: "hub:test", configuration: "c",
        envelope: ["id": "m\(number)", "source": "/s", "type": "t", "specversion": "1.0"], body: content,
        calls: [RecordedCall(delivery: "\(id).1", name: name, attempts: [attempt])], origins: [],
        made: MadeExchange(route: "r", state: .delivered, violations: [], deliveries: [delivery]), oddities: []),
      contents: contents)
  }

  private func write(_ count: Int) throws -> BundleManifest {
    let writer = try BundleWriter(
      bundle, manifest: BundleManifest(created: Timestamp(seconds: 0), masked: false, selection: "all"))
    for number in 0..<count { try writer.add(Self.recording(number)) }
    return try writer.finish()
  }

  private func read() throws -> [Replayer.Next] {
    let reader = try BundleReader(bundle)
    var all: [Replayer.Next] = []
    while let next = try reader.next() { all.append(next) }
    return all
  }

  private func edit(_ file: String, _ change: (String) -> String) throws {
    let url = URL(filePath: "\(bundle)/\(file)")
    try Data(change(String(decoding: try Data(contentsOf: url), as: UTF8.self)).utf8).write(to: url)
  }

  /// The file with whatever is in it now, as if it had been written so.
  private func seal(_ file: String) throws {
    let facts = try BundleFile("\(bundle)/\(file)", name: file).facts()
    try edit("manifest.json") { text in
      guard var manifest = try? JSONDecoder().decode(BundleManifest.self, from: Data(text.utf8)) else { return text }
      manifest.files[file] = facts
      return (try? JSONEncoder().encode(manifest)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }
  }

  @Test("What is written is read again, byte for byte, and only its owner may read it")
  func roundTrip() throws {
    let manifest = try write(3)
    #expect(manifest.exchanges == 3 && manifest.configurations == ["c"])
    let found = try read()
    for (number, next) in found.enumerated() {
      guard case .recording(let recording) = next else { return #expect(Bool(false), "\(next)") }
      let original = Self.recording(number)
      #expect(recording.exchange == original.exchange)
      #expect(recording.contents[recording.exchange.body] == original.contents[original.exchange.body])
    }
    #expect(found.count == 3)
    for file in ["manifest.json", "exchanges.jsonl", "http.har"] {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(bundle)/\(file)")
      #expect(facts[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("The HTTP archive is one as browsers read it (HAR 1.2), with request and recorded answer")
  func archive() throws {
    _ = try write(2)
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: "\(bundle)/http.har")))
    let log = try #require((json as? [String: Any])?["log"] as? [String: Any])
    #expect(log["version"] as? String == "1.2")
    let entries = try #require(log["entries"] as? [[String: Any]])
    #expect(entries.count == 4, "what came in and what went out, of two")
    let request = try #require(entries[1]["request"] as? [String: Any])
    #expect(request["method"] as? String == "POST")
    #expect((request["postData"] as? [String: Any])?["text"] as? String == #"{"họ":"Nguyễn"} 0"#)
    #expect((entries[1]["response"] as? [String: Any])?["status"] as? Int == 201)
    for entry in entries {
      for name in ["startedDateTime", "time", "request", "response", "cache", "timings"] {
        #expect(entry[name] != nil, "\(name) is required (HAR 1.2, entries)")
      }
    }
  }

  @Test(
    "A damaged or foreign bundle is refused by name, and nothing of it is played",
    arguments: [
      ("exchanges.jsonl", "\"t\"", "\"u\"", "SHA-256"), ("http.har", "1.2", "1.3", "SHA-256"),
      ("manifest.json", "\"version\" : 1", "\"version\" : 2", "version 2"),
      ("manifest.json", "lgsp-bundle", "zip", "lgsp record"),
      ("manifest.json", "\"http.har\"", "\"../../etc/passwd\"", "http.har"),
    ])
  func damaged(file: String, text: String, other: String, sign: String) throws {
    _ = try write(1)
    try edit(file) { $0.replacing(text, with: other) }
    let error = #expect(throws: BundleError.self) { try read() }
    #expect(error?.description.contains(sign) == true, "\(error?.description ?? "")")
  }

  @Test(
    "A body that is missing, changed, a link or outside costs its exchange alone",
    arguments: ["gone", "changed", "link", "escape"])
  func body(fault: String) throws {
    _ = try write(3)
    let digest = Self.recording(1).exchange.body.digest
    let path = "\(bundle)/\(BundleReader.path(of: digest))"
    switch fault {
    case "gone": try FileManager.default.removeItem(atPath: path)
    case "changed": try Data("other".utf8).write(to: URL(filePath: path))
    case "link":
      try FileManager.default.moveItem(atPath: path, toPath: folder.file("elsewhere"))
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.file("elsewhere"))
    default:
      try edit("exchanges.jsonl") { $0.replacing(digest, with: "../../../../etc/passwd") }
      try seal("exchanges.jsonl")
    }
    let found = try read()
    let lost = found.compactMap { next in if case .unplayable(let id, let reason) = next { (id, reason) } else { nil } }
    #expect(found.count == 3 && lost.count == 1)
    #expect(lost.first?.0 == Self.recording(1).exchange.id)
    #expect(lost.first?.1.contains("passwd") == (fault == "escape"), "\(lost)")
  }

  @Test("A line that is no exchange is told with its number; the rest is read")
  func line() throws {
    _ = try write(2)
    try edit("exchanges.jsonl") { "{\"broken\":\n" + $0 }
    try seal("exchanges.jsonl")
    let found = try read()
    guard found.count == 3, case .unplayable(nil, let reason) = found[0] else { return #expect(Bool(false)) }
    #expect(reason.contains("exchanges.jsonl:1"))
  }

  @Test("Nothing is written over, and a bundle that is given up leaves nothing")
  func unfinished() throws {
    _ = try write(1)
    let manifest = BundleManifest(created: Timestamp(seconds: 0), masked: false, selection: "")
    #expect(throws: BundleError.self) { try BundleWriter(bundle, manifest: manifest) }
    let writer = try BundleWriter(folder.file("other"), manifest: manifest)
    try writer.add(Self.recording(1))
    writer.discard()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bundle"])
  }
}
