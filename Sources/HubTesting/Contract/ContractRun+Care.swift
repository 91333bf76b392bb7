internal import HubKit

// Behaviours about settings, secrets, text and traces.

extension ContractRun {
  func settingsAreChecked() throws {
    guard let (connector, settings) = harness.kind else {
      throw NothingToCheck(reason: "the harness does not know the connector's settings")
    }
    let declared = connector.descriptor.settings
    do throws(SettingError) { _ = try connector.configured(SettingValues(settings, declared: declared)) } catch {
      throw Observation(text: "settings that should do were refused: \(error.name) \(error.message)")
    }
    for setting in declared where setting.required && setting.kind == .url {
      var without = settings
      without[setting.name] = nil
      do throws(SettingError) { _ = try connector.configured(SettingValues(without, declared: declared)) } catch {
        continue
      }
      throw Observation(text: "it was content without the required setting \(setting.name)")
    }
  }

  func settingsStayCompatible() throws {
    guard let (connector, _) = harness.kind else {
      throw NothingToCheck(reason: "the harness does not know the connector's settings")
    }
    guard let snapshot = harness.snapshot else { throw NothingToCheck(reason: "there is no version before this one") }
    let conflicts = snapshot.conflicts(with: connector.descriptor)
    guard conflicts.isEmpty else {
      throw Observation(
        text: conflicts.joined(separator: "; ")
          + ": settings of version \(snapshot.version) no longer work, so the major version has to rise")
    }
  }

  func vietnameseIsKept() async throws {
    guard let make = harness.makeTextDelivery else {
      throw NothingToCheck(reason: "the harness makes no delivery of a text")
    }
    try await withFarSide { adapter, farSide, ear in
      _ = try await succeed(adapter, make(ConnectorContract.text))
      guard try await carried(to: farSide, ear).contains(where: { $0.contains(Array(ConnectorContract.text.utf8)) })
      else { throw Observation(text: "nothing that went out has the text byte for byte") }
    }
  }

  /// The bodies that reached a far side: of requests, or of files.
  private func carried(to farSide: FarSide, _ ear: Eavesdropper) async throws -> [[UInt8]] {
    farSide.port == nil ? ear.requests.map(\.body) : try await farSide.received()
  }

  func largeBodyArrives() async throws {
    guard let make = harness.makeLargeDelivery else {
      throw NothingToCheck(reason: "the harness makes no large delivery")
    }
    let count = harness.largeBytes
    try await withFarSide { adapter, farSide, ear in
      _ = try await succeed(adapter, make(count))
      let largest = try await carried(to: farSide, ear).map(\.count).max() ?? 0
      guard largest >= count else {
        throw Observation(text: "of \(count) bytes \(largest) arrived")
      }
    }
  }

  func traceGoesOn() async throws {
    try await withFarSide { adapter, _, ear in
      var traced = try delivery(1)
      let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      traced.envelope.extensions[ExtensionName.traceParent] = parent
      _ = try await succeed(adapter, traced)
      guard ear.requests.contains(where: { $0.headers["traceparent"] == parent }) else {
        throw Observation(text: "no request has the message's traceparent (W3C trace context, section 3.2)")
      }
    }
  }

  func rateLimitIsRespected() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(
        text: "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    defer { server.close() }
    let delivery = try delivery(1)
    let error = try await withAdapter(server.port) { try await fail($0, delivery) }
    switch error.verdict {
    case .retry(after: .seconds(7)), .outage(after: .seconds(7)): return
    default:
      throw Observation(text: "asked to wait 7 seconds, the verdict was \(error.verdict), code \(error.code)")
    }
  }

  func endedSessionIsRenewed() async throws {
    guard let end = harness.endSessions else { throw NothingToCheck(reason: "it has no sessions that end") }
    try await withFarSide { adapter, farSide, _ in
      _ = try await succeed(adapter, try delivery(1))
      try await end(farSide)
      _ = try await succeed(adapter, try delivery(2))
      let count = try await farSide.received().count
      guard count == 2 else { throw Observation(text: "two deliveries became \(count) messages") }
    }
  }

  func secretsStayInside() async throws {
    guard !harness.secrets.isEmpty else { throw NothingToCheck(reason: "its settings have no secret") }
    var said = harness.logLines()
    for answer in harness.medium.refusals + ["nonsense\r\n\r\n"] {
      let server = try server(answering: answer)
      defer { server.close() }
      do { said.append("\(try await refusal(server.port))") } catch is NothingToCheck {}
      said += try await withParts(server.port) { parts in
        var texts: [String] = []
        for source in parts.sources {
          do throws(AdapterError) {
            _ = try await source.poll(after: nil, limit: 1, bodies: MemoryBodyStore())
          } catch {
            texts.append("\(error)")
          }
        }
        return texts
      }
    }
    said += harness.logLines()
    for text in said {
      if let secret = harness.secrets.first(where: { text.contains($0) }) {
        throw Observation(text: "a secret stands in: \(text.replacing(secret, with: "…").prefix(200))")
      }
    }
  }
}

extension [UInt8] {
  /// Whether these bytes stand somewhere in it.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    guard let first = part.first, count >= part.count else { return part.isEmpty }
    return indices.dropLast(part.count - 1).contains {
      self[$0] == first && self[$0..<$0 + part.count].elementsEqual(part)
    }
  }
}
