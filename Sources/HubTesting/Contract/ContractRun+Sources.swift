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
    try await serving(farSide) { port, _ in try await resumesExactly(farSide, port) }
  }

  /// Looks for what is new; twice, with two days between, where a thing is taken only after another look.
  private func poll(_ source: any PollingSource, after cursor: String?) async throws -> Page {
    guard harness.looksTwice else { return try await source.poll(after: cursor, limit: 2, bodies: MemoryBodyStore()) }
    let early = try await source.poll(after: cursor, limit: 2, bodies: MemoryBodyStore())
    guard early.items.isEmpty else { return early }
    return try await ContractClock.$ahead.withValue(.seconds(2 * 86_400)) {
      try await source.poll(after: early.cursor, limit: 2, bodies: MemoryBodyStore())
    }
  }

  private func resumesExactly(_ farSide: FarSide, _ port: Int) async throws {
    let offered = try await harness.offer?(farSide, port) ?? harness.offered
    let first = try await withSource(port) { source in
      guard offered.count > 2 else { throw NothingToCheck(reason: "the harness offers nothing to ask for") }
      // Found, and the hub is killed before anything is on its disk: the same is found again.
      let lost = try await poll(source, after: nil)
      let page = try await poll(source, after: nil)
      guard lost.items.map(\.reference) == page.items.map(\.reference) else {
        throw Observation(text: "what was found and not kept did not come again")
      }
      return page
    }
    // Kept with its cursor, and the hub is killed before the far side hears so.
    var found = first.items.map(harness.itemName)
    var cursor = first.cursor
    try await withSource(port) { source in
      try await source.acknowledge(first, refusals: [:])
    }
    for _ in offered {
      let after = cursor
      let page = try await withSource(port) { source in
        let page = try await poll(source, after: after)
        try await source.acknowledge(page, refusals: [:])
        return page
      }
      guard !page.items.isEmpty else { break }
      found += page.items.map(harness.itemName)
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
    for answer in harness.medium.nonsense {
      let server = try server(answering: answer)
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
