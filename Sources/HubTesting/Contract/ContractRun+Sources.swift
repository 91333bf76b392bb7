internal import HubKit

// Behaviours of what asks a far system regularly.

extension ContractRun {
  private func withSource<T: Sendable>(
    _ port: Int, _ body: @Sendable (any PollingSource) async throws -> T
  ) async throws -> T {
    try await withParts(port) { parts in
      guard let source = parts.sources.first else { throw NothingToCheck(reason: "it asks for nothing") }
      return try await body(source)
    }
  }

  func sourceResumesExactly() async throws {
    let farSide = try harness.makeFarSide()
    let server = try LoopbackServer(farSide.interface)
    defer { server.close() }
    let offered = try await harness.offer?(farSide, server.port) ?? harness.offered
    let first = try await withSource(server.port) { source in
      guard offered.count > 2 else { throw NothingToCheck(reason: "the harness offers nothing to ask for") }
      // Found, and the hub is killed before anything is on its disk: the same is found again.
      let lost = try await source.poll(after: nil, limit: 2, bodies: MemoryBodyStore())
      let page = try await source.poll(after: nil, limit: 2, bodies: MemoryBodyStore())
      guard lost.items.map(\.reference) == page.items.map(\.reference) else {
        throw Observation(text: "what was found and not kept did not come again")
      }
      return page
    }
    // Kept with its cursor, and the hub is killed before the far side hears so.
    var found = first.items.map(\.reference)
    var cursor = first.cursor
    try await withSource(server.port) { source in
      try await source.acknowledge(first, refusals: [:])
    }
    for _ in offered {
      let after = cursor
      let page = try await withSource(server.port) { source in
        let page = try await source.poll(after: after, limit: 2, bodies: MemoryBodyStore())
        try await source.acknowledge(page, refusals: [:])
        return page
      }
      guard !page.items.isEmpty else { break }
      found += page.items.map(\.reference)
      cursor = page.cursor
    }
    guard found == offered else {
      throw Observation(
        text:
          "\(offered.count) were offered, \(offered.joined(separator: ", ")), and these were found: "
          + found.joined(separator: ", "))
    }
  }

  func sourceFindsOutage() async throws {
    try await withSource(try ScriptedServer.deadPort()) { try await findsNothing($0, "nobody listens") }
  }

  func sourceRefusesGarbage() async throws {
    let answers = [
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "nonsense\r\n\r\n",
    ]
    for answer in answers {
      let server = try ScriptedServer { connection in
        _ = connection.read()
        connection.write(text: answer)
      }
      defer { server.close() }
      try await withSource(server.port) { try await findsNothing($0, "the far side talks nonsense") }
    }
  }

  private func findsNothing(_ source: any PollingSource, _ why: String) async throws {
    do throws(AdapterError) {
      let page = try await source.poll(after: nil, limit: 2, bodies: MemoryBodyStore())
      throw AdapterError(.inDoubt, code: "found", reason: "\(page.items.count)")
    } catch {
      if error.code == "found" {
        throw Observation(text: "\(why), and the source found \(error.reason) items without an error")
      }
    }
  }
}
