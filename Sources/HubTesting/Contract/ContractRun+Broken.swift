internal import HubKit

// Behaviours before a far side that is not well.

extension ContractRun {
  func isNoSuccess(answer: String) async throws {
    let server = try server(answering: answer)
    defer { server.close() }
    try keepsMessage(try await refusal(server.port))
  }

  private func keepsMessage(_ error: AdapterError) throws {
    guard error.verdict != .reject else {
      throw Observation(text: "the message was thrown away for it, code \(error.code)")
    }
  }

  func brokenAnswerIsNoSuccess() async throws {
    switch harness.medium {
    case .http:
      try await isNoSuccess(
        answer: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\nhalf")
    case .files: try await survivesCuts()
    }
  }

  /// Cuts the connection after each thing that a real server says in a delivery, until one comes through: after each
  /// cut the next attempt leaves one whole message.
  private func survivesCuts() async throws {
    for count in 0..<Self.cutsMax {
      let farSide = try harness.makeFarSide()
      guard let port = farSide.port else { throw NothingToCheck(reason: "its far side has no port of its own") }
      let relay = try CuttingRelay(to: port, after: count)
      let delivery = try delivery(2)
      let error = try await withAdapter(relay.port) { adapter -> AdapterError? in
        do throws(AdapterError) { _ = try await adapter.deliver(delivery) } catch { return error }
        return nil
      }
      if let error { try keepsMessage(error) }
      try await checkAfterCut(at: count, farSide, delivery, isSuccess: error == nil)
      _ = try await withAdapter(port) { try await succeed($0, delivery) }
      let received = try await farSide.received()
      guard received.count == 1, try !harness.comparesBytes || received == [arrived(delivery)] else {
        throw Observation(
          text: "cut after \(count) answers and sent again, one delivery became \(received.count) messages of "
            + "\(received.map(\.count)) bytes")
      }
      if relay.pieceCount <= count { return }
    }
  }

  /// More than a server says in a delivery of a few bytes.
  private static let cutsMax = 100

  /// What succeeded is there, and nobody sees half of a message.
  private func checkAfterCut(
    at count: Int, _ farSide: FarSide, _ delivery: Delivery, isSuccess: Bool
  ) async throws {
    let received = try await farSide.received()
    guard !isSuccess || received.count == 1 else {
      throw Observation(text: "the connection was cut after \(count) answers, and the delivery succeeded")
    }
    guard harness.comparesBytes, let first = received.first, try first != arrived(delivery) else { return }
    throw Observation(
      text: "the connection was cut after \(count) answers, and the far side has \(first.count) bytes of a message")
  }

  func unknownStatusIsNoSuccess() async throws {
    guard let make = harness.makeUnableFarSide else {
      return try await isNoSuccess(
        answer: "HTTP/1.1 599 Unknown\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
    try await serving(try make()) { port, _ in try keepsMessage(try await refusal(port)) }
  }
}
