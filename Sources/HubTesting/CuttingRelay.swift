internal import Glibc
internal import Synchronization

/// Passes connections on to another port of this machine, and cuts them all once the far side has said so much: one
/// that goes away in the middle, whatever it speaks. What it would have said next it has done.
final class CuttingRelay: Sendable {
  /// How many pieces have come back, over all connections; about one for each answer.
  private final class Count: Sendable {
    let pieces = Mutex(0)
  }

  private let server: ScriptedServer
  private let count = Count()

  init(to target: Int, after limit: Int = .max) throws(TestingError) {
    let count = count
    server = try ScriptedServer { near in
      guard let far = ScriptedServer.connection(to: target) else { return }
      startThread {
        while case let bytes = near.read(), !bytes.isEmpty, far.write(bytes) {}
        Glibc.shutdown(far.descriptor, CInt(SHUT_RDWR))
      }
      while case let bytes = far.read(), !bytes.isEmpty {
        let place = count.pieces.withLock { sum in
          sum += 1
          return sum
        }
        guard place <= limit, near.write(bytes) else { break }
      }
      // Wakes the other thread, which may still read; the descriptor of the near end is closed by its server.
      Glibc.shutdown(near.descriptor, CInt(SHUT_RDWR))
      Glibc.shutdown(far.descriptor, CInt(SHUT_RDWR))
      far.waitForClose()
      Glibc.close(far.descriptor)
    }
  }

  deinit {
    server.close()
  }

  var port: Int { server.port }

  var pieceCount: Int { count.pieces.withLock { $0 } }
}
