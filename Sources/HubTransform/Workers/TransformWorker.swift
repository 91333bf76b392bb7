import CJSONSchema
import CJq
import CProcess
import CXML
import Glibc
import HubKit

/// A worker process: evaluates what the hub at its standard input hands it, one message after the other, and ends with
/// the hub.
public enum TransformWorker {
  /// This program was not started by a hub.
  public struct NoHub: Error {}

  /// Serves the hub until it goes; then the process ends.
  ///
  /// - Throws: ``NoHub`` when the standard input is not a hub's socket.
  public static func serve() throws(NoHub) -> Never {
    var status = stat()
    guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { throw NoHub() }
    let line = WorkerLine()
    let settings = line.first()
    guard cprocess_end_with_parent(settings.parent) == 0 else { exit(1) }
    // Whatever gets no memory ends the process with a code of its own, instead of going on with half a result.
    cxml_end_without_memory(outOfMemoryCode)
    cjs_end_without_memory(outOfMemoryCode)
    // Most of it holds for all threads, and the rest for this one and those that it starts.
    guard cprocess_confine(settings.limits.memoryMax + deepStackBytes) == 0 else { exit(2) }
    startThread(stackBytes: deepStackBytes) { [limits = settings.limits] in
      cjq_end_without_memory(outOfMemoryCode)
      WorkerLoop(line, limits).run()
    }
    while true { pause() }
  }
}

/// The socket to the hub. The process ends when the hub has gone, or does not keep to the frames.
///
/// Sendable without the compiler's proof: the main thread hands it to the one that works, and does not touch it again.
private final class WorkerLine: @unchecked Sendable {
  private var incoming = FrameBuffer(lengthMax: Int(Int32.max))
  private var outgoing = FrameWriter()
  private var room = [UInt8](repeating: 0, count: 64 << 10)

  /// What the hub says first.
  func first() -> WorkerSettings {
    next { kind, reader throws(FrameError) in
      guard kind == .settings else { throw FrameError() }
      return try WorkerSettings(from: &reader)
    }
  }

  /// Waits for the next frame.
  func next<Value>(_ read: (FrameKind, inout FrameReader) throws(FrameError) -> Value) -> Value {
    while true {
      do throws(FrameError) {
        if let value = try incoming.take(read) { return value }
      } catch {
        exit(3)
      }
      receive()
    }
  }

  /// Sends a frame of at most so many bytes.
  ///
  /// - Returns: whether it was short enough.
  func send(_ kind: FrameKind, lengthMax: Int = .max, _ content: (inout FrameWriter) -> Void = { _ in }) -> Bool {
    defer { outgoing.removeAll(keepingRoom: 1 << 20) }
    outgoing.frame(kind, content)
    guard outgoing.bytes.count <= lengthMax else { return false }
    outgoing.bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.send(0, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
        if count < 0, errno != EINTR { exit(0) }
        sent += max(count, 0)
      }
    }
    return true
  }

  private func receive() {
    let count = room.withUnsafeMutableBytes { recv(0, $0.baseAddress, $0.count, 0) }
    if count < 0, errno == EINTR { return }
    guard count > 0 else { exit(0) }
    room.withUnsafeBytes { incoming.append(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
  }
}

/// The worker's one busy thread.
private final class WorkerLoop {
  private let line: WorkerLine
  private let limits: TransformLimits
  private let evaluator: Evaluator
  private let compiled: Compiled

  /// Whether something was compiled since the last look.
  private final class Compiled {
    var something = false
  }

  init(_ line: WorkerLine, _ limits: TransformLimits) {
    let compiled = Compiled()
    (self.line, self.limits, self.compiled) = (line, limits, compiled)
    evaluator = Evaluator(limits: limits) { begins in
      compiled.something = true
      _ = line.send(begins ? .compiling : .compiled)
    }
  }

  func run() -> Never {
    _ = line.send(.ready)
    while true {
      guard let job = line.next(read) else { continue }
      guard let result = evaluator.evaluate(job.plan, job.input) else { exit(3) }
      answer(result)
      // Compiled plans are kept for speed only, and must not take the messages' memory.
      if compiled.something, cprocess_bytes_in_use() > limits.memoryMax / 2 { evaluator.shed() }
      compiled.something = false
    }
  }

  /// - Returns: the message that a frame brings; nil when it brings something else.
  private func read(
    _ kind: FrameKind, _ reader: inout FrameReader
  ) throws(FrameError) -> (plan: UInt32, input: TransformInput)? {
    switch kind {
    case .plan:
      let number = try reader.number()
      evaluator.learn(try TransformPlan(from: &reader), as: number)
      return nil
    case .forget:
      evaluator.forget(try reader.number())
      return nil
    case .job: return (try reader.number(), try TransformInput(from: &reader))
    default: throw FrameError()
    }
  }

  /// Each answer leaves at once: the hub takes the oldest message without an answer for the one that is worked at.
  private func answer(_ result: TransformResult) {
    if line.send(.result, lengthMax: limits.resultBytesMax, { result.write(to: &$0) }) { return }
    let tooLong = TransformResult.invalid(tooLarge("the result", limits).violations)
    _ = line.send(.result) { tooLong.write(to: &$0) }
  }
}
