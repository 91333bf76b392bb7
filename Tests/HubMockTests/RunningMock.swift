import HubKit
import HubMock
import Logging
import ServiceLifecycle
import Synchronization

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a mock on a free port while `body` talks to it, then stops it gracefully and waits until it has stopped.
func withMock<Value: Sendable>(
  _ interface: any ServedInterface, tls: MockTLS? = nil, bodyBytesMax: Int = 1 << 20,
  _ body: (Int, ServiceGroup) async throws -> Value
) async throws -> Value {
  let host = MockHost(
    name: "test", interface: interface, settings: MockHost.Settings(tls: tls, bodyBytesMax: bodyBytesMax),
    logger: quiet)
  let group = ServiceGroup(services: [host], logger: quiet)
  return try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    let port = try await host.boundPort()
    let value = try await body(port, group)
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
    return value
  }
}

/// Remembers what it was asked, and says so.
final class Echo: ServedInterface {
  private let seen = Mutex<[ServedRequest]>([])

  var requests: [ServedRequest] { seen.withLock { $0 } }

  func respond(to request: ServedRequest) async -> ServedResponse {
    seen.withLock { $0.append(request) }
    return ServedResponse(
      status: 201, headers: [HeaderField("X-Second", "2"), HeaderField("X-First", "1"), HeaderField("X-Second", "3")],
      body: request.body)
  }
}
