internal import CProcess
internal import Glibc

/// One run of a program of the system that reads its input, writes its output, and ends.
package enum ToolRun {
  /// What a program may have.
  package struct Limits: Sendable {
    /// Most address space, in bytes.
    package var memoryMax: Int
    /// Most time, by the clock on the wall.
    package var timeMax: Duration
    /// Most output, in bytes.
    package var outputBytesMax: Int

    package init(memoryMax: Int, timeMax: Duration, outputBytesMax: Int) {
      (self.memoryMax, self.timeMax, self.outputBytesMax) = (memoryMax, timeMax, outputBytesMax)
    }
  }

  package struct Result {
    /// 0: it did what it should; negative: the signal that ended it.
    package var status: Int32
    package var output, errors: [UInt8]
  }

  package enum Problem: Error, Hashable {
    /// There is no such program.
    case missing
    /// It could not be started.
    case failed
    /// It went beyond its limits.
    case tooMuch
  }

  /// Most that is kept of what a program complains about, in bytes.
  private static let errorBytesMax = 4096

  /// Runs a program with an empty environment; blocks until it has ended.
  package static func run(
    _ path: String, _ arguments: [String], input: [UInt8], _ limits: Limits
  ) throws(Problem) -> Result {
    guard access(path, X_OK) == 0 else { throw .missing }
    var (channel, errors): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard cprocess_pair(&channel) == 0, cprocess_pair(&errors) == 0 else {
      for descriptor in channel + errors where descriptor >= 0 { close(descriptor) }
      throw .failed
    }
    defer {
      close(channel[0])
      close(errors[0])
    }
    let process = start(path, arguments, channel: channel[1], errors: errors[1], memoryMax: limits.memoryMax)
    close(channel[1])
    close(errors[1])
    guard let process else { throw .failed }
    let talk = Talk(channel: channel[0], errors: errors[0], input: input, limits: limits)
    let isWithin = talk.toEnd()
    if !isWithin { kill(-process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard isWithin else { throw .tooMuch }
    let signal = status & 0x7F
    return Result(
      status: signal == 0 ? (status >> 8) & 0xFF : -signal, output: talk.output, errors: talk.complaints)
  }

  private static func start(
    _ path: String, _ arguments: [String], channel: Int32, errors: Int32, memoryMax: Int
  ) -> Int32? {
    let copies = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    let none: [UnsafeMutablePointer<CChar>?] = [nil]
    var process: Int32 = 0
    let failure = copies.withUnsafeBufferPointer { arguments in
      none.withUnsafeBufferPointer { environment in
        path.withCString { path in
          "/".withCString { folder in
            var program = cprocess_program(
              path: path, arguments: arguments.baseAddress, environment: environment.baseAddress, folder: folder,
              channel: channel, errors: errors, memory_bytes: memoryMax)
            return cprocess_run(&program, &process)
          }
        }
      }
    }
    guard failure != 0 else { return process }
    if process > 0 { waitpid(process, nil, 0) }
    return nil
  }

  /// Writes the input and reads the outputs as the program lets it.
  private final class Talk {
    let channel, errors: Int32
    let limits: Limits
    var rest: ArraySlice<UInt8>
    var output: [UInt8] = []
    var complaints: [UInt8] = []
    private var room = [UInt8](repeating: 0, count: 64 << 10)

    init(channel: Int32, errors: Int32, input: [UInt8], limits: Limits) {
      (self.channel, self.errors, self.limits) = (channel, errors, limits)
      rest = input[...]
    }

    /// - Returns: false when it went beyond a limit.
    func toEnd() -> Bool {
      let until = ContinuousClock.now + limits.timeMax
      var (isOpen, isComplaining) = (true, true)
      if rest.isEmpty { shutdown(channel, Int32(SHUT_WR)) }
      while isOpen || isComplaining {
        guard ContinuousClock.now < until, output.count <= limits.outputBytesMax else { return false }
        var looks = [
          pollfd(fd: isOpen ? channel : -1, events: Int16(POLLIN | (rest.isEmpty ? 0 : POLLOUT)), revents: 0),
          pollfd(fd: isComplaining ? errors : -1, events: Int16(POLLIN), revents: 0),
        ]
        poll(&looks, 2, 200)
        if !rest.isEmpty { send() }
        if isOpen { isOpen = receive(channel, into: &output) }
        if isComplaining { isComplaining = receive(errors, into: &complaints) }
        complaints = Array(complaints.prefix(ToolRun.errorBytesMax))
      }
      return true
    }

    private func send() {
      let sent = rest.withUnsafeBytes {
        Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      // A program that reads no more has made up its mind.
      rest = sent >= 0 ? rest.dropFirst(sent) : errno == EAGAIN || errno == EINTR ? rest : []
      if rest.isEmpty { shutdown(channel, Int32(SHUT_WR)) }
    }

    /// - Returns: whether there may be more.
    private func receive(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
      let count = room.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
      if count > 0 { bytes += room[..<count] }
      return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }
  }
}
