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
    await end(of: bytes).text
  }

  /// Asks for a path, with nothing to follow.
  func get(_ path: String) async -> String {
    await exchange("GET \(path) HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
  }

  /// What came, and the number of the error that ended the connection; 0 when it was closed well.
  struct End: Sendable {
    var text: String
    var error: Int32
  }

  /// Sends bytes and reads to the end, however it comes.
  ///
  /// - Parameter isHalfClosed: closes its own side once everything is sent.
  func end(of bytes: [UInt8], isHalfClosed: Bool = false) async -> End {
    let port = port
    return await withCheckedContinuation { continuation in
      BlockingThread.start {
        let (bytes, error) = Self.exchangeBlocking(bytes, isHalfClosed: isHalfClosed, port: port)
        continuation.resume(returning: End(text: String(decoding: bytes, as: UTF8.self), error: error))
      }
    }
  }

  private static func exchangeBlocking(_ bytes: [UInt8], isHalfClosed: Bool, port: Int) -> ([UInt8], Int32) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return ([], errno) }
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
    guard connected == 0 else { return ([], errno) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { break }
      sent += count
    }
    if isHalfClosed { shutdown(descriptor, Int32(SHUT_WR)) }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return (received, count < 0 ? errno : 0) }
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
