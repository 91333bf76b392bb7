internal import CCurl
internal import Glibc
internal import HubKit

/// The loop itself: owns the multi handle and every transfer. All of it runs on one thread of its own.
final class LoopThread {
  private let multi: UnsafeMutableRawPointer
  private let inbox: LoopInbox
  private var transfers: [UInt64: Transfer] = [:]
  private var queues: [ObjectIdentifier: EndpointQueue] = [:]
  /// Easy handles for later, by the endpoint for which they are set up.
  private var idle: [ObjectIdentifier: [EasyHandle]] = [:]
  private var idleCount = 0
  /// Endpoints that send nothing more, until their last transfer has ended.
  private var forgotten: Set<ObjectIdentifier> = []
  private var checkedAt = ContinuousClock.now

  /// Transfers under way of one endpoint, and those that wait for their turn.
  private struct EndpointQueue {
    var activeCount = 0
    var waiting: [UInt64] = []
  }

  /// How long the loop may sleep without looking at time limits, which are therefore kept to within this much.
  private static let tick = Duration.milliseconds(50)
  /// Easy handles kept for later.
  private static let idleMax = 256

  init(multi: UnsafeMutableRawPointer, inbox: LoopInbox) {
    self.multi = multi
    self.inbox = inbox
  }

  /// Runs until it is told to stop.
  func run() {
    while obey(inbox.take()) {
      var running: CInt = 0
      curl_multi_perform(multi, &running)
      let finished = collect()
      keepTime()
      // A transfer that ended may have made room for one that waited, and libcurl knows of it only after the next
      // perform: sleeping now would keep it waiting for nothing.
      guard !finished, inbox.goToSleep() else { continue }
      let pause: Duration = transfers.isEmpty ? .seconds(60) : Self.tick
      curl_multi_poll(multi, nil, 0, CInt(pause.wholeMilliseconds), nil)
    }
    end()
  }

  private func obey(_ commands: [LoopCommand]) -> Bool {
    for command in commands {
      switch command {
      case .submit(let submission): admit(submission)
      case .cancel(let id):
        guard let transfer = transfers[id] else { continue }
        finish(transfer, .failure(Verdicts.cancelled(place: transfer.place, progress: progress(of: transfer))))
      case .forget(let endpoint):
        let key = ObjectIdentifier(endpoint)
        idleCount -= idle.removeValue(forKey: key)?.count ?? 0
        if queues[key] != nil { forgotten.insert(key) }
      case .stop: return false
      }
    }
    return true
  }

  // MARK: - Taking turns

  private func admit(_ submission: Submission) {
    let transfer = Transfer(submission, now: .now)
    let key = ObjectIdentifier(submission.endpoint)
    var queue = queues[key] ?? EndpointQueue()
    if queue.activeCount < submission.endpoint.options.connectionsMax {
      queue.activeCount += 1
      queues[key] = queue
      transfers[submission.id] = transfer
      start(transfer)
    } else if queue.waiting.count < submission.endpoint.options.waitingMax {
      queue.waiting.append(submission.id)
      queues[key] = queue
      transfers[submission.id] = transfer
    } else {
      submission.answer.resume(returning: .failure(Verdicts.busy(place: transfer.place)))
    }
  }

  private func start(_ transfer: Transfer) {
    guard let easy = takeIdle(for: transfer) ?? EasyHandle() else {
      return finish(transfer, .failure(noResources(transfer)))
    }
    transfer.begin(with: easy)
    easy.setUp(for: transfer)
    guard curl_multi_add_handle(multi, easy.raw) == CURLM_OK else {
      transfer.easy = nil
      return finish(transfer, .failure(noResources(transfer)))
    }
  }

  private func takeIdle(for transfer: Transfer) -> EasyHandle? {
    guard let easy = idle[ObjectIdentifier(transfer.submission.endpoint)]?.popLast() else { return nil }
    idleCount -= 1
    return easy
  }

  private func keepIdle(_ easy: EasyHandle) {
    guard idleCount < Self.idleMax, let endpoint = easy.endpoint, !forgotten.contains(ObjectIdentifier(endpoint))
    else { return }
    idle[ObjectIdentifier(endpoint), default: []].append(easy)
    idleCount += 1
  }

  private func noResources(_ transfer: Transfer) -> AdapterError {
    Verdicts.failure(CURLE_OUT_OF_MEMORY, place: transfer.place, progress: .unsent, detail: "")
  }

  /// Gives the place of a finished transfer to the one that has waited longest.
  private func passOn(from transfer: Transfer) {
    let key = ObjectIdentifier(transfer.submission.endpoint)
    guard var queue = queues[key] else { return }
    var next: Transfer?
    if transfer.phase == .turn {
      queue.waiting.removeAll { $0 == transfer.submission.id }
    } else if let first = queue.waiting.first {
      queue.waiting.removeFirst()
      next = transfers[first]
    } else {
      queue.activeCount -= 1
    }
    queues[key] = queue.activeCount == 0 && queue.waiting.isEmpty ? nil : queue
    if queues[key] == nil { forgotten.remove(key) }
    if let next { start(next) }
  }

  // MARK: - Ends

  /// Ends what libcurl has finished.
  private func collect() -> Bool {
    var any = false
    var code = CURLE_OK
    while let raw = ccurl_next_finished(multi, &code) {
      any = true
      guard let transfer = EasyHandle.transfer(of: raw), let easy = transfer.easy else { continue }
      finish(transfer, result(of: transfer, easy, code))
    }
    return any
  }

  private func result(of transfer: Transfer, _ easy: EasyHandle, _ code: CURLcode) -> TransferResult {
    if let file = transfer.submission.prepared.request.file, transfer.failure == nil, !transfer.wasKeptOut {
      return FileVerdicts.result(of: file, transfer, easy, code)
    }
    if code == CURLE_OK { return .success(transfer.response(status: easy.status, duration: easy.duration)) }
    if let failure = transfer.failure { return .failure(failure) }
    if transfer.wasKeptOut { return .failure(Verdicts.notAllowed(place: transfer.place)) }
    let progress = transfer.progress(requestBytes: easy.requestBytes)
    let error = Verdicts.failure(code, place: transfer.place, progress: progress, detail: easy.errorDetail)
    let showsIdentity = transfer.options.clientIdentity != nil
    return .failure(progress == .unsent && showsIdentity ? Verdicts.ofIdentity(error) : error)
  }

  private func progress(of transfer: Transfer) -> Progress {
    transfer.progress(requestBytes: transfer.easy?.requestBytes ?? 0)
  }

  /// Ends transfers whose time is up.
  private func keepTime() {
    let now = ContinuousClock.now
    guard now - checkedAt >= Self.tick else { return }
    checkedAt = now
    for transfer in transfers.values {
      let (deadline, what) = transfer.deadline()
      guard deadline <= now else { continue }
      let error =
        transfer.phase == .turn
        ? Verdicts.busy(place: transfer.place)
        : Verdicts.timeout(what, place: transfer.place, progress: progress(of: transfer))
      finish(transfer, .failure(error))
    }
  }

  private func finish(_ transfer: Transfer, _ result: TransferResult) {
    guard transfers.removeValue(forKey: transfer.submission.id) != nil else { return }
    if let easy = transfer.easy {
      // Removing a transfer that has not ended closes its connection, or resets its HTTP/2 stream.
      curl_multi_remove_handle(multi, easy.raw)
      transfer.easy = nil
      keepIdle(easy)
    }
    transfer.submission.answer.resume(returning: result)
    passOn(from: transfer)
  }

  private func end() {
    let late = inbox.close()
    for case .submit(let submission) in late {
      submission.answer.resume(
        returning: .failure(Verdicts.cancelled(place: submission.prepared.place, progress: .unsent)))
    }
    for queue in queues.keys { queues[queue]?.waiting = [] }
    for transfer in transfers.values {
      finish(transfer, .failure(Verdicts.cancelled(place: transfer.place, progress: progress(of: transfer))))
    }
    idle = [:]
    curl_multi_cleanup(multi)
    inbox.announceEnd()
  }
}
