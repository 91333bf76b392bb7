internal import Dispatch
public import HubKit
internal import Synchronization

/// Serves a `ServedInterface` over HTTP/1.1 on 127.0.0.1: keep-alive, Content-Length and chunked bodies. For tests
/// only: one blocking thread a connection, no TLS, and bodies whole in memory. What runs in production is mounted by
/// the gateway or by the mock host.
public final class LoopbackServer: Sendable {
  private let server: ScriptedServer

  /// Starts serving.
  ///
  /// - Parameters:
  ///   - interface: what answers.
  ///   - bodyBytesMax: a larger request is answered 413 and its connection closed.
  public init(_ interface: any ServedInterface, bodyBytesMax: Int = 64 << 20) throws(TestingError) {
    server = try ScriptedServer { connection in
      var reader = HTTPReader(connection, bodyBytesMax: bodyBytesMax)
      while let request = reader.next() {
        switch request {
        case .broken(let status):
          connection.write(HTTPWriter.bytes(of: ServedResponse(status: status), to: "GET", closing: true))
          return
        case .whole(let request, let keepsAlive):
          let response = waitFor { await interface.respond(to: request) }
          let isSent = connection.write(HTTPWriter.bytes(of: response, to: request.method, closing: !keepsAlive))
          guard isSent, keepsAlive else { return }
        }
      }
    }
  }

  deinit {
    server.close()
  }

  /// The port that the system chose.
  public var port: Int { server.port }

  /// `http://127.0.0.1:<port>`.
  public var url: String { server.url }

  /// How many connections were made so far.
  public var acceptedCount: Int { server.acceptedCount }

  /// Stops listening and cuts every connection.
  public func close() { server.close() }
}

/// Waits for a task on a thread that belongs to no task.
private func waitFor<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) -> Value {
  let box = ResultBox<Value>()
  // The waiting thread owns the task: it goes on only after the task has ended.
  Task { box.put(await operation()) }
  return box.take()
}

/// Hands one value from a task to a waiting thread.
private final class ResultBox<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let filled = DispatchSemaphore(value: 0)

  func put(_ new: Value) {
    value.withLock { $0 = new }
    filled.signal()
  }

  func take() -> Value {
    while true {
      filled.wait()
      if let value = value.withLock({ $0 }) { return value }
    }
  }
}
