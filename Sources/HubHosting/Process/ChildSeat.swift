internal import CProcess
internal import Foundation
internal import Glibc
internal import HubConfig
internal import HubKit
internal import JSONWire
internal import Logging
internal import Synchronization

/// Keeps one child alive for one endpoint: starts it, speaks to it on a thread of its own, starts it again after a
/// pause when it ends or breaks the protocol.
final class ChildSeat: Resident {
  private enum Presence {
    /// Not started yet, or just about to be: whoever comes waits.
    case absent([Conversation.Request])
    case alive(Conversation)
    /// It failed, and is started again then.
    case pausing(until: ContinuousClock.Instant, AdapterError)
    case stopped
  }

  private struct State {
    var presence = Presence.absent([])
    /// When it was told to stop.
    var stopping: ContinuousClock.Instant?
  }

  private let connector: String
  private let endpoint: String
  private let process: ProcessManifest
  private let settings: JSONValue
  private let folder: String
  private let logger: Logger
  private let state = Mutex(State())
  private let wake: (reader: Int32, writer: Int32)

  private static let pauseFirst = Duration.milliseconds(200)
  private static let pauseMax = Duration.seconds(30)
  private static let tick = Duration.milliseconds(100)

  init(
    connector: String, endpoint: String, process: ProcessManifest, settings: JSONValue, folder: String, logger: Logger
  ) throws(AdapterError) {
    self.connector = connector
    self.endpoint = endpoint
    self.process = process
    self.settings = settings
    self.folder = folder
    var logger = logger
    logger[metadataKey: "connector"] = "\(connector)"
    logger[metadataKey: "endpoint"] = "\(endpoint)"
    self.logger = logger
    var sockets: [Int32] = [-1, -1]
    guard cprocess_pair(&sockets) == 0 else {
      throw AdapterError(.outage(after: nil), code: "no-descriptor", reason: "The hub has no descriptor free.")
    }
    wake = (sockets[0], sockets[1])
  }

  deinit {
    close(wake.reader)
    close(wake.writer)
  }

  // MARK: - Asked from any task

  /// Calls the child and waits for its answer.
  ///
  /// - Parameter patience: how long the child may take.
  func call(
    _ method: String, _ params: JSONValue, patience: Duration
  ) async throws(AdapterError) -> JSONValue {
    let result = await withCheckedContinuation { continuation in
      reach(
        .call(
          Conversation.Call(
            method: method, params: params, patience: patience, answer: { continuation.resume(returning: $0) })))
    }
    return try result.get()
  }

  /// Hands a delivery over and waits until the child has settled it, or until the task is cancelled.
  func settle(_ id: String, _ params: JSONValue, patience: Duration) async throws(AdapterError) -> JSONValue {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        reach(
          .delivery(
            Conversation.Handed(
              id: id, params: params, patience: patience, answer: { continuation.resume(returning: $0) })))
        // Cancelled before it was handed over: the handler found nothing then.
        if Task.isCancelled { giveUp(id) }
      }
    } onCancel: {
      giveUp(id)
    }
    return try result.get()
  }

  /// Puts a request to the child as soon as there is one.
  private func reach(_ request: Conversation.Request) {
    let refusal: AdapterError? = state.withLock { state in
      if state.stopping != nil { return .stopping }
      switch state.presence {
      case .absent(let waiting): state.presence = .absent(waiting + [request])
      case .alive(var conversation):
        state.presence = .stopped
        conversation.take(request, at: .now)
        state.presence = .alive(conversation)
      case .pausing(let until, var error):
        error.verdict = .outage(after: max(.zero, until - .now))
        return error
      case .stopped: return .stopping
      }
      return nil
    }
    if let refusal { request.answer(.failure(refusal)) } else { nudge() }
  }

  private func giveUp(_ id: String) {
    let answer: Conversation.Answer? = state.withLock { state in
      switch state.presence {
      case .absent(var waiting):
        guard let index = waiting.firstIndex(where: { $0.delivery == id }) else { return nil }
        defer { state.presence = .absent(waiting) }
        return waiting.remove(at: index).answer
      case .alive(var conversation):
        defer { state.presence = .alive(conversation) }
        return conversation.cancel(id)
      case .pausing, .stopped: return nil
      }
    }
    answer?(.failure(AdapterError(.cancelled, code: "cancelled", reason: "The attempt was given up.")))
    nudge()
  }

  private func nudge() {
    var byte: UInt8 = 0
    send(wake.writer, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
  }

  // MARK: - Life

  func run() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread { [self] in
          live()
          continuation.resume()
        }
        thread.stackSize = 1 << 20
        thread.name = "connector"
        thread.start()
      }
    } onCancel: {
      state.withLock { $0.stopping = .now }
      nudge()
    }
  }

  private var isStopping: Bool { state.withLock { $0.stopping != nil } }

  /// On the thread that starts the children, which end with it.
  private func live() {
    var failures = 0
    while !isStopping {
      let (why, hasAnswered) = liveOnce()
      guard let why, !isStopping else { break }
      failures = hasAnswered ? 1 : failures + 1
      let pause = min(Self.pauseFirst * (1 << min(failures - 1, 10)), Self.pauseMax)
      logger.error("\(why.reason) Started again in \(pause) / sẽ chạy lại sau \(pause).")
      leave(.pausing(until: .now + pause, why), telling: why)
      rest(until: .now + pause)
      state.withLock { $0.presence = .absent([]) }
    }
    leave(.stopped, telling: .stopping)
  }

  /// Goes on without a child: whoever waits for one is told why.
  private func leave(_ presence: Presence, telling why: AdapterError) {
    let left: [Conversation.Request] = state.withLock { state in
      defer { state.presence = presence }
      if case .absent(let waiting) = state.presence { return waiting } else { return [] }
    }
    for request in left { request.answer(.failure(why)) }
  }

  /// Sleeps, unless it is told to stop.
  private func rest(until end: ContinuousClock.Instant) {
    while !isStopping, ContinuousClock.now < end {
      var look = pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0)
      poll(&look, 1, 50)
      drainWake()
    }
  }

  private func drainWake() {
    var room = [UInt8](repeating: 0, count: 256)
    while recv(wake.reader, &room, room.count, Int32(MSG_DONTWAIT)) == room.count {}
  }

  /// One child, from start to end.
  ///
  /// - Returns: why it ended, nil when it was told to; and whether it ever did what was asked.
  private func liveOnce() -> (AdapterError?, Bool) {
    let child: ChildProcess
    do throws(ChildViolation) { child = try ChildProcess(process, folder: folder) } catch {
      return (failure(error.deed, "connector-start"), false)
    }
    state.withLock { state in
      var conversation = Conversation(
        connector: connector, endpoint: endpoint, process: process, settings: settings, at: .now)
      if case .absent(let waiting) = state.presence { for request in waiting { conversation.take(request, at: .now) } }
      state.presence = .alive(conversation)
    }
    var talk = Talk(log: ChildLog(logger), lineBytesMax: process.lineBytesMax)
    do throws(ChildViolation) {
      while try exchange(with: child, &talk) {}
      let ending = dismiss(child)
      logger.debug("the connector has ended: \(ending) / bộ kết nối đã dừng")
      return (nil, true)
    } catch {
      let ending = child.end()
      let why = failure("\(error.deed) (\(ending))", "connector-ended")
      return (why, endConversation(why))
    }
  }

  private func failure(_ deed: String, _ code: String) -> AdapterError {
    AdapterError(.outage(after: nil), code: code, reason: "The connector \(connector) \(deed).")
  }

  /// Ends the conversation.
  ///
  /// - Returns: whether the child ever did what was asked.
  @discardableResult
  private func endConversation(_ why: AdapterError) -> Bool {
    state.withLock { state in
      guard case .alive(var conversation) = state.presence else { return false }
      conversation.end(why)
      state.presence = .pausing(until: .now, why)
      return conversation.hasAnswered
    }
  }

  /// What one child has said so far that is no whole line yet.
  private struct Talk {
    var log: ChildLog
    let lineBytesMax: Int
    private var incoming: [UInt8] = []

    init(log: ChildLog, lineBytesMax: Int) {
      self.log = log
      self.lineBytesMax = lineBytesMax
    }

    /// Takes the whole lines out of what has come; each byte is looked at once.
    mutating func lines(_ bytes: [UInt8]) throws(ChildViolation) -> [[UInt8]] {
      var lines: [[UInt8]] = []
      var rest = bytes[...]
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = incoming + rest[..<end]
        if !line.isEmpty { lines.append(line) }
        incoming = []
        rest = rest[(end + 1)...]
      }
      incoming += rest
      guard incoming.count <= lineBytesMax else {
        throw ChildViolation("wrote a line longer than \(lineBytesMax) bytes")
      }
      return lines
    }
  }

  /// Writes, waits, reads once.
  ///
  /// - Returns: false when the child should be dismissed.
  private func exchange(with child: ChildProcess, _ talk: inout Talk) throws(ChildViolation) -> Bool {
    let (outgoing, isDone) = state.withLock { state -> ([UInt8], Bool) in
      guard case .alive(let conversation) = state.presence else { return ([], true) }
      // What it is at may end first, within the time that it has for ending.
      let isDone = state.stopping.map { conversation.isIdle || $0 + process.drain < .now } ?? false
      return (conversation.outgoing, isDone)
    }
    if isDone { return false }
    let sent = outgoing.isEmpty ? 0 : child.send(outgoing)
    child.wait(Self.tick, wantsToWrite: (sent ?? 0) < outgoing.count, wake: wake.reader)
    drainWake()
    let heard = child.hear()
    let now = ContinuousClock.now
    talk.log.take(heard.errors, at: now)
    let lines = try talk.lines(heard.output)
    let violation: ChildViolation? = state.withLock { state in
      guard case .alive(var conversation) = state.presence else { return nil }
      state.presence = .stopped
      defer { state.presence = .alive(conversation) }
      conversation.outgoing.removeFirst(sent ?? 0)
      do throws(ChildViolation) {
        for line in lines { try conversation.hear(line, at: now) }
        try conversation.tick(at: now)
        return nil
      } catch {
        return error
      }
    }
    if let violation { throw violation }
    guard !heard.isOver, sent != nil else { throw ChildViolation("ended by itself") }
    if child.isGreedy(max: process.processorMax, at: now) {
      throw ChildViolation("took more than \(process.processorMax) % of a processor for \(ProcessorWindow.length)")
    }
    return true
  }

  /// Tells the child to end and gives it time to.
  private func dismiss(_ child: ChildProcess) -> String {
    _ = child.send(ChildLine.notification("shutdown", .object([:])))
    child.closeInput()
    let ending = child.end(patience: process.drain)
    endConversation(.stopping)
    return ending
  }
}

extension AdapterError {
  fileprivate static let stopping = AdapterError(
    .cancelled, code: "stopping", reason: "The connector is being stopped.")
}
