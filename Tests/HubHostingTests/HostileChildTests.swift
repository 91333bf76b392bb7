import Foundation
import HubKit
import HubTesting
import Testing

/// Programs that break the protocol: each is a clear error that names the connector, and the next start works again.
@Suite(.timeLimit(.minutes(3))) struct HostileChildTests {
  /// What a delivery to a program that misbehaves ends with.
  private func error(of program: String, manifest: String = "") async throws -> (AdapterError, [String]) {
    try await ProcessChild.with(program, manifest: manifest) { child in
      let error = try #require(await child.deliver(message("{}")).error)
      // The reason is in the log as well, with the connector's name.
      await child.lines.wait { $0.hasPrefix("error: The connector far") }
      return (error, child.lines.lines)
    }
  }

  @Test(arguments: [
    ("rest()", "did not shake hands", "handshake: 200ms"),
    ("greet(protocol=7)\nrest()", "speaks version 7", ""),
    ("greet(connector='near')\nrest()", "says that it is near", ""),
    ("greet(capabilities={})\nrest()", "takes no deliveries", ""),
    ("greet()\nrest()", "has no source graves", "sources: [graves]"),
    ("say('xin chào')\nrest()", "no JSON-RPC 2.0 object", ""),
    ("sys.exit(3)", "ended by itself (code 3)", ""),
    ("greet()\nline()\nsay('{')\nrest()", "no JSON-RPC 2.0 object", ""),
    (
      "greet()\nline()\nsay({'jsonrpc': '2.0', 'method': 'settled', 'params': {'id': 'other'}})\nrest()",
      "settled other where 0198c000", ""
    ),
    ("greet()\ncall = line()\nsay({'jsonrpc': '2.0', 'id': call['id'], 'result': {}})\nrest()", "without settling", ""),
    ("greet()\nline()\nsay({'jsonrpc': '2.0', 'id': 99, 'result': {}})\nrest()", "answered the call 99", ""),
    ("greet()\nline()\nsay({'jsonrpc': '2.0', 'id': 5, 'method': 'log'})\nrest()", "called the hub", ""),
    ("greet()\nline()\nsys.stdout.write('x' * 9000)\nsys.stdout.flush()\nrest()", "longer than", "lineBytesMax: 4KiB"),
    ("greet()\nline()\nos.kill(os.getpid(), 9)", "ended by itself (signal 9)", ""),
    (
      """
      greet()
      id = line()['params']['deliveries'][0]['id']
      say({'jsonrpc': '2.0', 'method': 'settled', 'params': {'id': id, 'error': {'verdict': 'perhaps'}}})
      rest()
      """, "without a known verdict", ""
    ),
  ])
  func `A program that cannot be trusted is named and ended`(
    body: String, words: String, manifest: String
  ) async throws {
    let (error, lines) = try await error(of: rawPython(body), manifest: manifest)
    #expect(error.reason.contains("The connector far") && error.reason.contains(words), "\(error)")
    #expect(lines.contains { $0.contains(words) && $0.contains("connector") })
    // Before the handshake nothing was handed over; after it nobody knows.
    let wasHanded = body.contains("line()")
    if wasHanded { #expect(error.verdict == .inDoubt) } else { #expect(error.verdict == .outage(after: nil)) }
  }

  @Test func `A delivery that is settled twice ends the program, and the first word counts`() async throws {
    let program = rawPython(
      """
      greet()
      call = line()
      id = call['params']['deliveries'][0]['id']
      for _ in range(2):
          say({'jsonrpc': '2.0', 'method': 'settled', 'params': {'id': id, 'code': 'once'}})
      rest()
      """)
    try await ProcessChild.with(program) { child in
      #expect(await child.deliver(message("{}")).code == "once")
      await child.lines.wait { $0.contains("settled something that it was not given") }
    }
  }

  @Test(arguments: ["no-such-program", "./no-such-program", "/no/such/program"])
  func `A program that is not there is an outage that names it`(command: String) async throws {
    try await ProcessChild.with("", command: command) { child in
      let error = await child.deliver(message("{}")).error
      #expect(error?.verdict == .outage(after: nil) || error?.code == "connector-start")
      #expect(error?.reason.contains("no-such-program") == true || error?.reason.contains("/no/such") == true)
    }
  }

  @Test func `A flood on standard error is cut short and counted`() async throws {
    let program = python(
      """
      for number in range(5000):
          log("W", "dòng %d" % number)
      return {"code": "0"}
      """)
    try await ProcessChild.with(program) { child in
      #expect(await child.deliver(message("{}")).code == "0")
      #expect(child.lines.lines.filter { $0.contains("dòng") }.count <= 50)
    }
  }

  @Test func `A program that spins is ended`() async throws {
    let program = rawPython("greet()\nline()\nwhile True:\n    pass")
    try await ProcessChild.with(program, manifest: "processorMax: 20") { child in
      let error = await child.deliver(message("{}")).error
      #expect(error?.reason.contains("% of a processor") == true)
      #expect(error?.verdict == .inDoubt)
    }
  }

  @Test func `A program that fails for ever leaves the callers an outage, at once, with the time of the next try`()
    async throws
  {
    try await ProcessChild.with("import sys\nsys.exit(1)") { child in
      _ = await child.deliver(message("{}"))
      var waits: [Duration] = []
      while waits.count < 3 {
        let error = await child.deliver(message("{}")).error
        guard case .outage(let wait)? = error?.verdict else {
          Issue.record("\(String(describing: error))")
          return
        }
        if let wait { waits.append(wait) } else { await Task.yield() }
      }
      #expect(waits.allSatisfy { $0 <= .seconds(30) })
    }
  }
}
