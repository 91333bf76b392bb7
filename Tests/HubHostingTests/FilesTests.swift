import Foundation
import HubKit
import HubTesting
import HubTransport
import Testing

/// Connectors that hand files over, with the servers that Debian packages.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FilesTests {
  /// A server, and an endpoint of a connector that the test describes.
  struct Bench {
    let server: FileServer
    let clock = TestClock()
    let parts: ConnectorParts

    init(
      _ kind: FileServer.Kind = .sftp, sources: String = "", operations: String = "", bytesMax: Int = 1 << 20
    ) throws {
      server = try FileServer(kind)
      let isSSH = server.privateKey != nil
      let isImplicit = if case .ftps(implicit: true) = kind { true } else { false }
      let manifest = """
        connector: far
        version: 1.0.0
        summary: A far system that hands files over.
        settings:
          url: {kind: url, required: true, example: "sftp://far.example", help: Where it is.}
          username: {kind: text, required: true, example: lgsp, help: Account.}
          secret: {kind: secret, required: true, example: "file:/k", help: Key or password.}
          hostKey: {kind: text, example: "SHA256:x", help: The server's key.}
          root: {kind: text, required: true, example: /files, help: Folder.}
        files:
          base: "{url}"
          username: username
          tls: \(isImplicit ? "implicit" : "explicit")
          \(isSSH ? "privateKey: secret\n  hostKey: hostKey" : "password: secret")
        \(sources.isEmpty ? "" : "  sources:\n" + sources.indented)
        \(operations.isEmpty ? "" : "  operations:\n" + operations.indented)
        """
      let connector = try Hosted.kind(["manifest.yaml": manifest])
      var options = TransportOptions.thisMachine
      options.trustedPEM = FileManager.default.contents(atPath: server.certificate).map { Array($0) }
      options.responseBytesMax = bytesMax
      let settings: [String: SettingValue] = [
        "url": .text("\(isSSH ? "sftp" : "ftps")://127.0.0.1:\(server.port)"), "username": .text(server.username),
        "secret": .secret(Secret(reference: "test", value: server.privateKey ?? "any")),
        "hostKey": .text("SHA256:\(server.hostKey ?? "")"), "root": .text(server.path),
      ]
      parts = try connector.configured(SettingValues(settings, declared: connector.descriptor.settings))(
        .forTests(endpoint: "far", transport: loop.transport(for: "far", options), clock: clock))
    }

    func poll(after cursor: String? = nil, limit: Int = 10) async throws -> Page {
      try await #require(parts.sources.first).poll(after: cursor, limit: limit, bodies: MemoryBodyStore())
    }

    func acknowledge(_ page: Page, refusals: [Int: NotAccepted] = [:]) async throws {
      try await #require(parts.sources.first).acknowledge(page, refusals: refusals)
    }

    func deliver(_ number: Int, _ text: String, subject: String = "bao-cao") async throws(AdapterError) -> Reply {
      let envelope = Envelope(id: "m-\(number)", source: "/test", type: "vn.test", subject: subject)
      guard let outbound = parts.outbound else { throw AdapterError(.reject, code: "no-outbound", reason: "") }
      return try await outbound.deliver(.forContract(number, envelope, body: Array(text.utf8), at: clock))
    }
  }

  static let event = "event: '{type: \"vn.test.report\", subject: .name, sender: \"H24.12\"}'"

  static func source(_ more: String) -> String {
    "- name: reports\n  folder: \"{root}/out\"\n  pattern: \"*.xml\"\n  \(event)\n  \(more)"
  }

  @Test(arguments: [FileServer.Kind.sftp, .ftps(implicit: false)])
  func `whole files come in, and go where taken files go`(kind: FileServer.Kind) async throws {
    let bench = try Bench(kind, sources: Self.source("settled: 10s\n  moveTo: \"{root}/taken\""))
    for (name, text) in [("a.xml", "<a>Ấm</a>"), ("b.xml", "<b/>"), ("c.txt", "no"), (".d.xml", "no")] {
      try bench.server.put(name, text, in: "out")
    }
    try FileManager.default.createDirectory(
      at: bench.server.folder.appending(path: "taken"), withIntermediateDirectories: true)
    // Nobody can say yet that they are whole.
    #expect(try await bench.poll().items.isEmpty)
    bench.clock.advance(by: .seconds(9))
    try bench.server.put("b.xml", "<b>longer</b>", in: "out")
    #expect(try await bench.poll().items.isEmpty)
    bench.clock.advance(by: .seconds(2))
    let first = try await bench.poll()
    #expect(first.items.map(\.envelope.subject) == ["a.xml"])
    #expect(first.items.first?.body == .inline(Array("<a>Ấm</a>".utf8)))
    #expect(first.items.first?.envelope.type == "vn.test.report")
    #expect(first.items.first?.envelope.sender?.text == "H24.12")
    #expect(first.items.first?.envelope.dataContentType == "application/xml")
    // Found and not kept: the same message again.
    #expect(try await bench.poll().items.map(\.envelope.id) == first.items.map(\.envelope.id))
    try await bench.acknowledge(first)
    try await bench.acknowledge(first)
    #expect(bench.server.names(in: "taken") == ["a.xml"])
    bench.clock.advance(by: .seconds(20))
    let second = try await bench.poll()
    #expect(second.items.map(\.envelope.subject) == ["b.xml"])
    // One of the same name that was taken before keeps its place.
    try bench.server.put("b.xml", "earlier", in: "taken")
    try await bench.acknowledge(second)
    #expect(bench.server.names(in: "taken").count == 3 && bench.server.text("taken/b.xml") == "earlier")
    #expect(bench.server.names(in: "out") == [".d.xml", "c.txt"])
  }

  @Test(arguments: [FileServer.Kind.sftp, .ftps(implicit: true)])
  func `a marker says that a file is whole, and goes with it`(kind: FileServer.Kind) async throws {
    let bench = try Bench(kind, sources: Self.source("marker: \"{name}.done\"\n  delete: true"))
    try bench.server.put("a.xml", "<a/>", in: "out")
    try bench.server.put("b.xml", "<b/>", in: "out")
    try bench.server.put("b.xml.done", "", in: "out")
    let page = try await bench.poll()
    #expect(page.items.map(\.envelope.subject) == ["b.xml"])
    try await bench.acknowledge(page)
    #expect(bench.server.names(in: "out") == ["a.xml"])
  }

  @Test func `files that stay are remembered by the cursor until they change or go`() async throws {
    let bench = try Bench(sources: Self.source("settled: 0s"))
    for name in ["a.xml", "b.xml", "c.xml"] { try bench.server.put(name, name, in: "out") }
    let first = try await bench.poll(limit: 2)
    #expect(first.items.map(\.envelope.subject) == ["a.xml", "b.xml"] && first.hasMore)
    try await bench.acknowledge(first)
    let second = try await bench.poll(after: first.cursor, limit: 2)
    #expect(second.items.map(\.envelope.subject) == ["c.xml"] && !second.hasMore)
    let third = try await bench.poll(after: second.cursor)
    #expect(third.items.isEmpty && third.cursor == second.cursor)
    try bench.server.put("b.xml", "another", in: "out")
    let fourth = try await bench.poll(after: third.cursor)
    #expect(fourth.items.map(\.envelope.subject) == ["b.xml"])
    #expect(fourth.items.first?.envelope.id != first.items.last?.envelope.id)
    #expect(bench.server.names(in: "out") == ["a.xml", "b.xml", "c.xml"])
  }

  @Test func `refused files go aside or stay unread, and no file holds up the others`() async throws {
    let aside = try Bench(sources: Self.source("settled: 0s\n  delete: true\n  refusedTo: \"{root}/refused\""))
    for name in ["a.xml", "b.xml", "c.xml"] { try aside.server.put(name, name, in: "out") }
    try FileManager.default.createDirectory(
      at: aside.server.folder.appending(path: "refused"), withIntermediateDirectories: true)
    let page = try await aside.poll()
    try await aside.acknowledge(page, refusals: [0: NotAccepted(.invalid, "bad"), 1: NotAccepted(.full, "later")])
    #expect(aside.server.names(in: "refused") == ["a.xml"] && aside.server.names(in: "out") == ["b.xml"])

    let bench = try Bench(sources: Self.source("settled: 0s\n  delete: true"), bytesMax: 1000)
    try bench.server.put("a.xml", "a", in: "out")
    try bench.server.put("b.xml", String(repeating: "b", count: 1001), in: "out")
    try bench.server.put("c.xml", "c", in: "out")
    let all = try await bench.poll()
    #expect(all.items.map(\.envelope.subject) == ["a.xml", "c.xml"])
    try await bench.acknowledge(all, refusals: [0: NotAccepted(.invalid, "bad")])
    #expect(try await bench.poll().items.isEmpty)
    #expect(bench.server.names(in: "out") == ["a.xml", "b.xml"])
    try bench.server.put("a.xml", "changed", in: "out")
    #expect(try await bench.poll().items.map(\.envelope.subject) == ["a.xml"])
  }

  @Test func `a folder that is not there or a dead server is an outage, never nothing new`() async throws {
    let bench = try Bench(sources: Self.source("settled: 0s"))
    await #expect(throws: AdapterError.self) { try await bench.poll() }
    try bench.server.put("a.xml", "a", in: "out")
    #expect(try await bench.poll().items.count == 1)
    bench.server.stop()
    await #expect { try await bench.poll() } throws: {
      if case .outage? = ($0 as? AdapterError)?.verdict { true } else { false }
    }
  }

  @Test(arguments: [FileServer.Kind.sftp, .ftps(implicit: false)])
  func `a message becomes a file that nobody sees before it is whole`(kind: FileServer.Kind) async throws {
    let bench = try Bench(kind, operations: "- {name: drop, path: \"{root}/{envelope.subject}-{delivery.id}.xml\"}")
    let text = String(repeating: "Ấm 𠊛 ", count: 100_000)
    let reply = try await bench.deliver(1, text)
    #expect(reply.code == "written")
    #expect(bench.server.names() == ["bao-cao-contract-1.1.xml"])
    #expect(bench.server.text("bao-cao-contract-1.1.xml") == text)
    #expect(try await bench.deliver(1, text).code == "known")
    #expect(bench.server.names().count == 1)
    // An attempt that was cut short left its part behind.
    try bench.server.put(".bao-cao-contract-2.1.xml.part", "half")
    #expect(try await bench.deliver(2, "whole").code == "written")
    #expect(bench.server.text("bao-cao-contract-2.1.xml") == "whole")
    try await bench.parts.outbound?.probe()
  }

  @Test func `a name that is taken, and a value that would leave the folder, are refusals`() async throws {
    let bench = try Bench(operations: "- {name: drop, path: \"{root}/{envelope.subject}.xml\"}")
    #expect(try await bench.deliver(1, "one", subject: "a").code == "written")
    let code = { (subject: String, text: String) async -> String in
      do throws(AdapterError) { return try await bench.deliver(2, text, subject: subject).code } catch {
        return error.verdict == .reject ? error.code : "\(error)"
      }
    }
    #expect(await code("a", "another") == "name-taken")
    // As long as the first, and another all the same.
    #expect(await code("a", "two") == "name-taken")
    #expect(await code("a", "one") == "known")
    #expect(await code("../../etc/x", "one") == "bad-path")
    #expect(await code("..", "one") == "bad-path")
    #expect(await code("a\nb", "one") == "bad-path")
    #expect(bench.server.text("a.xml") == "one" && bench.server.names() == ["a.xml"])
  }

  @Test func `what a manifest of files gets wrong is named with its place`() throws {
    let errors = { (files: String) -> [String] in
      let manifest = "connector: far\nversion: 1.0.0\nsummary: x\nsettings:\n  url: {kind: url, example: x, help: x}\n"
      do { _ = try Hosted.kind(["manifest.yaml": manifest + files]) } catch {
        return "\(error)".split(separator: "\n").map(String.init)
      }
      return []
    }
    let unknown = errors("files: {base: \"{url}\", username: url, sources: [{name: a, foldr: /b, event: x}]}")
    #expect(unknown.contains { $0.contains("connectors/far/manifest.yaml:6") && $0.contains("`folder`") }, "\(unknown)")
    let found = errors(
      """
      files:
        base: "{url}"
        username: user
        sources:
          - {name: a, folder: "/{nothing}", moveTo: /x, delete: true, event: "{type: 1}"}
          - {name: a, folder: /b, event: "{}"}
      """)
    for word in ["`user`", "{nothing}", "`moveTo` and `delete`", "`a` is taken"] {
      #expect(found.contains { $0.contains(word) }, "\(word): \(found)")
    }
  }
}

extension String {
  /// Four spaces before each line.
  fileprivate var indented: String {
    split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
  }
}
