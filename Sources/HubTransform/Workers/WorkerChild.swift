import CProcess
import Glibc
import HubKit

/// One worker process and the socket to it, as the hub's thread that started it sees them. The kernel ends the process
/// together with that thread, so it belongs to that thread from start to end.
final class WorkerChild {
  /// What came of looking at the socket.
  enum Heard {
    case something
    /// Nothing within one ``WorkerChild/tick``.
    case nothing
    /// The process has closed its end: it is no more, or will not be for long.
    case end
  }

  /// How long a look at the socket waits.
  static let tick: Duration = .milliseconds(20)
  /// Frames wait here in pieces of so many bytes at most, unless one frame alone is longer.
  static let outgoingBytesMax = 128 << 10

  private let process: Int32
  private let socket: Int32
  private var outgoing = FrameWriter()
  private var written = 0
  private var incoming: FrameBuffer
  private var room = [UInt8](repeating: 0, count: 64 << 10)

  /// Starts a process.
  ///
  /// - Throws: ``StartFailure`` when the system does not let it.
  init(_ program: WorkerProgram, limits: TransformLimits) throws(StartFailure) {
    var sockets: [Int32] = [-1, -1]
    var failure = cprocess_pair(&sockets)
    guard failure == 0 else { throw StartFailure("no socket pair: \(words(failure))") }
    var tick = timeval(tv_sec: 0, tv_usec: Int(Self.tick.wholeMicroseconds))
    setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &tick, socklen_t(MemoryLayout<timeval>.size))
    var arguments = program.arguments.map { strdup($0) } + [nil]
    var process: Int32 = 0
    failure = cprocess_start(program.path, &arguments, sockets[1], &process)
    for argument in arguments { free(argument) }
    close(sockets[1])
    guard failure == 0 else {
      close(sockets[0])
      throw StartFailure("\(program.path) could not be started: \(words(failure))")
    }
    self.process = process
    socket = sockets[0]
    incoming = FrameBuffer(lengthMax: limits.resultBytesMax)
  }

  /// Whether more may be written before what waits has gone.
  var hasRoom: Bool { outgoing.bytes.count - written < Self.outgoingBytesMax }

  /// Puts a frame behind what waits; it leaves with the next ``exchange()``.
  func write(_ kind: FrameKind, _ content: (inout FrameWriter) -> Void) {
    outgoing.frame(kind, content)
  }

  /// The next whole frame that has come; nil when there is none yet.
  func take<Value>(
    _ read: (FrameKind, inout FrameReader) throws(FrameError) -> Value
  ) throws(FrameError) -> Value? {
    try incoming.take(read)
  }

  /// Sends as much as the socket takes, and waits until something comes, the socket takes more, or a tick is over. The
  /// process may be writing while it has much to read, so neither side may wait for the other to finish.
  func exchange() -> Heard {
    send()
    guard outgoing.bytes.count > written else { return receive(Int32(0)) }
    var look = pollfd(fd: socket, events: Int16(POLLIN | POLLOUT), revents: 0)
    guard poll(&look, 1, Int32(Self.tick.wholeMicroseconds / 1000)) > 0 else { return .nothing }
    // Room to send is news as well: whoever waits for an answer has not waited in vain yet.
    guard look.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return .something }
    return receive(Int32(MSG_DONTWAIT))
  }

  /// What cannot be sent any more is dropped: what the process said before it ended can still be heard.
  private func send() {
    while outgoing.bytes.count > written {
      let sent = outgoing.bytes.withUnsafeBytes { bytes in
        Glibc.send(
          socket, bytes.baseAddress.map { $0 + written }, bytes.count - written,
          Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if sent > 0 {
        written += sent
      } else if errno == EAGAIN || errno == EINTR {
        break
      } else {
        written = outgoing.bytes.count
      }
    }
    if written == outgoing.bytes.count {
      outgoing.removeAll(keepingRoom: Self.outgoingBytesMax)
      written = 0
    }
  }

  private func receive(_ flags: Int32) -> Heard {
    let count = room.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, flags) }
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end }
    room.withUnsafeBytes { incoming.append(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    return .something
  }

  /// How long the process has run on a processor so far.
  var processorTime: Duration {
    var (clock, time) = (clockid_t(), timespec())
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Kills the process if it is still there, and waits until it is gone. Nothing may be called afterwards.
  ///
  /// - Returns: how it ended.
  func end() -> WorkerEnd {
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    close(socket)
    let signal = status & 0x7F
    if signal != 0 { return .died("signal \(signal)") }
    let code = (status >> 8) & 0xFF
    return code == outOfMemoryCode ? .outOfMemory : .died("code \(code)")
  }
}

/// Why no worker process could be started.
struct StartFailure: Error {
  var reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

/// With this code a worker process ends when it gets no more memory.
let outOfMemoryCode: Int32 = 77

private func words(_ failure: Int32) -> String { String(cString: strerror(failure)) }
