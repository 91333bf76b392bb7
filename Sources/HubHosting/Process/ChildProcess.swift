internal import CProcess
internal import Glibc
internal import HubConfig

/// One running program of a connector. Belongs to the thread that started it: the kernel ends it with that thread.
final class ChildProcess {
  /// What came of looking at its outputs.
  struct Heard {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    /// It has closed its standard output.
    var isOver = false
  }

  private let process: Int32
  private let channel: Int32
  private let errors: Int32
  private var isErrorsOpen = true
  private var room = [UInt8](repeating: 0, count: 64 << 10)
  private var usage = ProcessorWindow()

  /// Starts the program.
  ///
  /// - Throws: ``ChildViolation`` when the system does not let it.
  init(_ manifest: ProcessManifest, folder: String) throws(ChildViolation) {
    var (sockets, pipes): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard cprocess_pair(&sockets) == 0, cprocess_pair(&pipes) == 0 else {
      for descriptor in sockets + pipes where descriptor >= 0 { close(descriptor) }
      throw ChildViolation("could not be started: no socket pair")
    }
    defer {
      close(sockets[1])
      close(pipes[1])
    }
    let path = Self.path(of: manifest.command[0], folder: folder)
    let environment = manifest.environment.map { "\($0.key)=\($0.value)" } + ["PATH=\(Self.searchPath)"]
    var started: Int32 = 0
    let failure = Self.withTexts(manifest.command) { arguments in
      Self.withTexts(environment) { environment in
        path.withCString { path in
          folder.withCString { folder in
            var program = cprocess_program(
              path: path, arguments: arguments, environment: environment, folder: folder, channel: sockets[1],
              errors: pipes[1], memory_bytes: manifest.memoryMax)
            return cprocess_run(&program, &started)
          }
        }
      }
    }
    (process, channel, errors) = (started, sockets[0], pipes[0])
    guard failure == 0 else {
      if started > 0 { waitpid(started, nil, 0) }
      close(sockets[0])
      close(pipes[0])
      throw ChildViolation("could not be started: \(path): \(String(cString: strerror(failure)))")
    }
  }

  /// Where a name without `/` is looked up.
  private static let searchPath = "/usr/local/bin:/usr/bin:/bin"

  private static func path(of name: String, folder: String) -> String {
    if name.hasPrefix("/") { return name }
    if name.contains("/") { return "\(folder)/\(name)" }
    let candidates = searchPath.split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { access($0, X_OK) == 0 } ?? candidates[1]
  }

  private static func withTexts<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the list ends with nil and is never empty") }
      return body(base)
    }
  }

  // MARK: - Talking

  /// Waits until there is something to read, room to write, or a word on `wake`; at most so long.
  func wait(_ time: Duration, wantsToWrite: Bool, wake: Int32) {
    var looks = [
      pollfd(fd: channel, events: Int16(POLLIN | (wantsToWrite ? POLLOUT : 0)), revents: 0),
      pollfd(fd: isErrorsOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
    ]
    poll(&looks, 3, Int32(time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000))
  }

  /// Sends as much as the child takes at once.
  ///
  /// - Returns: how many bytes went; nil when the child reads no more.
  func send(_ bytes: [UInt8]) -> Int? {
    let sent = bytes.withUnsafeBytes {
      Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    }
    if sent >= 0 { return sent }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  /// Reads what is there.
  func hear() -> Heard {
    var heard = Heard()
    let output = receive(channel)
    heard.output = output ?? []
    heard.isOver = output == nil
    if isErrorsOpen {
      if let more = receive(errors) { heard.errors = more } else { isErrorsOpen = false }
    }
    return heard
  }

  /// - Returns: nil at the end.
  private func receive(_ descriptor: Int32) -> [UInt8]? {
    let count = room.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
    if count > 0 { return Array(room[..<count]) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
  }

  /// Closes its standard input.
  func closeInput() { shutdown(channel, Int32(SHUT_WR)) }

  /// Whether it takes more of the processors than it may; looked at about every second.
  func isGreedy(max share: Int, at now: ContinuousClock.Instant) -> Bool {
    var (clock, time) = (clockid_t(), timespec())
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return false }
    return usage.exceeds(share, used: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec), at: now)
  }

  /// Kills the program with its process group if it is still there, and waits until it is gone. Nothing may be called
  /// afterwards.
  ///
  /// - Returns: how it ended, as in `code 1` or `signal 9`.
  func end(patience: Duration = .zero) -> String {
    var status: Int32 = 0
    let until = ContinuousClock.now + patience
    while waitpid(process, &status, Int32(WNOHANG)) == 0 {
      guard ContinuousClock.now < until else {
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        break
      }
      usleep(5000)
    }
    // What it started itself belongs to its group.
    kill(-process, SIGKILL)
    close(channel)
    close(errors)
    let signal = status & 0x7F
    return signal != 0 ? "signal \(signal)" : "code \((status >> 8) & 0xFF)"
  }
}

/// The share of a processor that was used within the last ten seconds.
struct ProcessorWindow {
  static let length = Duration.seconds(10)
  private var begin: (at: ContinuousClock.Instant, used: Duration)?

  /// Takes a reading.
  ///
  /// - Parameters:
  ///   - share: in hundredths of one processor.
  ///   - used: processor time since the start.
  /// - Returns: whether a whole window had more than the share.
  mutating func exceeds(_ share: Int, used: Duration, at now: ContinuousClock.Instant) -> Bool {
    guard let begin else {
      self.begin = (now, used)
      return false
    }
    guard now - begin.at >= Self.length else { return false }
    self.begin = (now, used)
    return (used - begin.used) * 100 > (now - begin.at) * share
  }
}
