internal import Glibc
internal import Synchronization

/// A listening TCP socket on 127.0.0.1 whose connections are played by a script, one blocking thread each. For tests
/// only: nothing limits the number of threads.
///
/// Use it to be a far side that misbehaves; ``LoopbackServer`` is one that behaves.
public final class ScriptedServer: Sendable {
  private struct State {
    var isClosed = false
    var connections: [CInt] = []
    var acceptedCount = 0
  }

  /// The port on which it listens.
  public let port: Int
  private let listener: CInt
  private let state = Mutex(State())
  private let script: @Sendable (LoopbackConnection) -> Void

  /// Listens, and plays `script` for each connection on a thread of its own; the connection is closed when the script
  /// returns.
  ///
  /// - Parameter port: where to listen; 0 lets the system choose.
  public init(
    port: Int = 0, _ script: @escaping @Sendable (LoopbackConnection) -> Void
  ) throws(TestingError) {
    (listener, self.port) = try Self.listen(on: port)
    self.script = script
    startThread { [self] in acceptAll() }
  }

  /// `http://127.0.0.1:<port>`.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// How many connections were made so far.
  public var acceptedCount: Int { state.withLock { $0.acceptedCount } }

  /// Stops listening and cuts every connection. May be called more than once.
  public func close() {
    let open = state.withLock { state -> [CInt]? in
      guard !state.isClosed else { return nil }
      state.isClosed = true
      return state.connections
    }
    guard let open else { return }
    // Shutting down wakes the blocked accept and reads; each thread closes its own descriptor.
    Glibc.shutdown(listener, CInt(SHUT_RDWR))
    for descriptor in open { Glibc.shutdown(descriptor, CInt(SHUT_RDWR)) }
  }

  /// A port on 127.0.0.1 on which nobody listens: it was free a moment ago.
  public static func deadPort() throws(TestingError) -> Int {
    let (descriptor, port) = try listen()
    Glibc.close(descriptor)
    return port
  }

  /// Whether somebody listens on a port of 127.0.0.1: a connection is taken.
  static func isListening(_ port: Int) -> Bool {
    guard let connection = connection(to: port) else { return false }
    Glibc.close(connection.descriptor)
    return true
  }

  /// A connection to a port of 127.0.0.1, to be closed by whoever asked; nil when nobody listens.
  static func connection(to port: Int) -> LoopbackConnection? {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        connect(descriptor, plain, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      Glibc.close(descriptor)
      return nil
    }
    return LoopbackConnection(descriptor: descriptor)
  }

  private static func listen(on wanted: Int = 0) throws(TestingError) -> (descriptor: CInt, port: Int) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestingError("no socket: \(String(cString: strerror(errno)))") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(wanted).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
        bind(descriptor, plain, length) == 0 && Glibc.listen(descriptor, 512) == 0
          && getsockname(descriptor, plain, &length) == 0
      }
    }
    guard result else {
      Glibc.close(descriptor)
      throw TestingError("cannot listen on 127.0.0.1: \(String(cString: strerror(errno)))")
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  private func acceptAll() {
    while true {
      let descriptor = accept(listener, nil, nil)
      if descriptor < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      var one: CInt = 1
      setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
      serve(descriptor)
    }
    Glibc.close(listener)
  }

  private func serve(_ descriptor: CInt) {
    let isOpen = state.withLock { state in
      guard !state.isClosed else { return false }
      state.connections.append(descriptor)
      state.acceptedCount += 1
      return true
    }
    guard isOpen else {
      Glibc.close(descriptor)
      return
    }
    startThread { [self] in
      script(LoopbackConnection(descriptor: descriptor))
      // The list is left under the lock, so that `close()` never touches a number that was given out again.
      state.withLock { state in
        state.connections.removeAll { $0 == descriptor }
        Glibc.close(descriptor)
      }
    }
  }
}

/// One accepted connection. Its calls block the script's thread.
public struct LoopbackConnection: Sendable {
  let descriptor: CInt

  /// The next bytes; empty at the end, or when the far end has gone.
  public func read(upTo count: Int = 64 << 10) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var result = recv(descriptor, buffer.baseAddress, count, 0)
      while result < 0 && errno == EINTR { result = recv(descriptor, buffer.baseAddress, count, 0) }
      initialized = max(0, result)
    }
  }

  /// Writes all bytes.
  ///
  /// - Returns: false when the far end has gone.
  @discardableResult
  public func write(_ bytes: some Collection<UInt8>) -> Bool {
    let all = Array(bytes)
    var sent = 0
    while sent < all.count {
      let result = all.withUnsafeBytes { buffer in
        send(descriptor, buffer.baseAddress.map { $0 + sent }, all.count - sent, CInt(MSG_NOSIGNAL))
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { return false }
      sent += result
    }
    return true
  }

  /// Writes text.
  @discardableResult
  public func write(text: String) -> Bool { write(text.utf8) }

  /// Says that nothing more will be written; what comes can still be read.
  func finishWriting() {
    Glibc.shutdown(descriptor, CInt(SHUT_WR))
  }

  /// Reads and forgets until the far end closes.
  public func waitForClose() {
    while !read().isEmpty {}
  }

  /// Ends the connection with a reset in place of an orderly close.
  public func abort() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

/// Runs a function on a new thread; blocking there disturbs no task.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body)).toOpaque()
  let result = pthread_create(
    &thread, nil,
    { context in
      if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
      return nil
    }, box)
  precondition(result == 0, "no thread could be started: error \(result)")
  pthread_detach(thread)
}
