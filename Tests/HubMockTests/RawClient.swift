import Glibc
import HubKit

/// A socket without opinions: writes the bytes that a test gives it and returns those that come back. Blocking, so it
/// runs on a thread of its own.
struct RawClient: Sendable {
  let port: Int

  /// Sends `text`, then reads to the end of the connection or until `until` bytes look complete.
  func exchange(_ text: String) async -> String {
    await exchange(Array(text.utf8))
  }

  /// Sends bytes and reads until the far side closes.
  func exchange(_ bytes: [UInt8]) async -> String {
    let port = port
    return await withCheckedContinuation { continuation in
      BlockingThread.start {
        continuation.resume(returning: String(decoding: Self.exchangeBlocking(bytes, port: port), as: UTF8.self))
      }
    }
  }

  private static func exchangeBlocking(_ bytes: [UInt8], port: Int) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { return [] }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { break }
      sent += count
    }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return received }
      received.append(contentsOf: buffer[..<count])
    }
  }
}

/// A detached system thread for blocking calls, which must not hold one of the pool's.
enum BlockingThread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if failed != 0 { box.takeRetainedValue().body() } else { pthread_detach(thread) }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
