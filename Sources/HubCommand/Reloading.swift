internal import Dispatch
internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubJournal
internal import HubKit
internal import HubTransport
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// Signals that ask to load the configuration again.
typealias Hangups = UnixSignalsSequence

/// Loads the configuration again when it is told to, by a signal or by ``reload()``: everything is read, checked and
/// built beside what is in force; then all of it is swapped, or nothing.
final class Reloading: Service, CustomStringConvertible {
  private struct State {
    var edition: Edition
    /// Who waits for the next round.
    var waiting: [CheckedContinuation<ReloadReport?, Never>] = []
    var isOver = false
  }

  private let ground: HubGround
  private let bus: Bus
  private let door: GatewayServer
  private let served: ServedInterfaces
  private let signIn: OperatorSignIn?
  private let console: Console
  private let hangups: Hangups
  private let record: ReloadRecord
  private let state: Mutex<State>
  /// One order that waits is enough: the round that it begins sees the files as they are then.
  private let (orders, orderSink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

  init(
    ground: HubGround, edition: Edition, bus: Bus, door: GatewayServer, served: ServedInterfaces,
    signIn: OperatorSignIn?, console: Console, hangups: Hangups
  ) {
    self.ground = ground
    self.bus = bus
    self.door = door
    self.served = served
    self.signIn = signIn
    self.console = console
    self.hangups = hangups
    record = ReloadRecord(
      dataFolder: configuredPath(edition.configuration.hub.dataFolder, in: ground.configFolder))
    state = Mutex(State(edition: edition))
  }

  /// What it is, for the log of services.
  var description: String { "reloading" }

  /// Loads the configuration again.
  ///
  /// - Returns: what came of it, from files that were read after the call began; nil when the hub is stopping.
  func reload() async -> ReloadReport? {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isOver { state.waiting.append(continuation) }
        return state.isOver
      }
      if isOver { continuation.resume(returning: nil) } else { orderSink.yield() }
    }
  }

  /// Takes orders until the service group asks it to stop.
  func run() async throws {
    keepRecord(nil)
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { for await _ in self.hangups { self.orderSink.yield() } }
        for await _ in self.orders { await self.round() }
        group.cancelAll()
      }
    }
    let waiting = state.withLock { state in
      state.isOver = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: nil) }
  }

  private func round() async {
    let (waiting, edition) = state.withLock { state in
      defer { state.waiting = [] }
      return (state.waiting, state.edition)
    }
    let report = await load(after: edition)
    log(report)
    keepRecord(report)
    for continuation in waiting { continuation.resume(returning: report) }
  }
}

// MARK: - One round

extension Reloading {
  /// What the files hold now, looked over as `lgsp check` does.
  private struct Found {
    var files: ConfigFiles?
    var configuration: HubConfiguration?
    var complaints: [Complaint]
  }

  private func load(after current: Edition) async -> ReloadReport {
    let digest = current.configuration.digest
    var report = ReloadReport(outcome: .refused, before: digest, after: digest, startedAt: ground.clock.now)
    let found = await find()
    report.complaints = found.complaints
    guard let files = found.files, let configuration = found.configuration, !report.hasErrors else {
      return refused(report)
    }
    report.complaints += configuration.restartComplaints(after: current.configuration, files: files)
    guard !report.hasErrors else { return refused(report) }
    do {
      let edition = try ground.edition(of: configuration, after: current)
      report.certificate = edition.identity != current.identity
      report.routes = .init(from: current.configuration.routes, to: configuration.routes)
      report.endpoints = .init(from: current.configuration.endpoints, to: configuration.endpoints)
      guard configuration.digest != digest || !report.endpoints.isEmpty || report.certificate else {
        report.outcome = .unchanged
        console.looked(isRefused: false, at: report.startedAt)
        return report
      }
      try await ground.journal.pin(configuration: configuration.digest, files: files.bundle())
      try swap(from: current, to: edition)
      report.outcome = .swapped
      report.after = configuration.digest
      return report
    } catch let error as ConfigurationError {
      report.complaints += error.complaints
    } catch {
      report.complaints.append(.notLoaded("\(error)"))
    }
    return refused(report)
  }

  private func refused(_ report: ReloadReport) -> ReloadReport {
    var report = report
    (report.routes, report.endpoints, report.certificate) = (.init(), .init(), false)
    console.looked(isRefused: true, at: report.startedAt)
    return report
  }

  /// Reads each file once and checks what it read; compiling takes a while, so it is done on a thread of its own.
  private func find() async -> Found {
    let (folder, installation) = (ground.configFolder, Installation.current)
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let found = Installation.$current.withValue(installation) { Self.find(in: folder) }
        continuation.resume(returning: found)
      }
    }
  }

  private static func find(in folder: String) -> Found {
    do throws(ConfigurationError) {
      let files = try ConfigFiles(folder: folder)
      let looked = Checking(files, secrets: .resolve(folder: folder)).look()
      return Found(files: files, configuration: looked.configuration, complaints: looked.complaints)
    } catch {
      return Found(complaints: error.complaints)
    }
  }

  /// After the first two lines nothing can fail. The bus comes before those whom it serves: whoever is served or signs
  /// in by the new configuration finds a bus that knows it.
  private func swap(from current: Edition, to edition: Edition) throws {
    let signIn = try edition.signInProvider()
    if let identity = edition.identity, identity != current.identity { try door.show(identity) }
    edition.connect(to: bus)
    bus.adopt(edition.setup)
    served.adopt(edition.served)
    if let (settings, provider) = signIn {
      self.signIn?.adopt(provider: provider, operators: settings.operators, publicURL: settings.publicURL)
    }
    console.adopt(edition.configuration, at: ground.clock.now)
    state.withLock { $0.edition = edition }
    for old in current.endpoints where !edition.endpoints.contains(where: { $0.endpoint === old.endpoint }) {
      ground.loop.letGo(of: old.transport)
    }
  }
}

// MARK: - Telling

extension Reloading {
  private func log(_ report: ReloadReport) {
    for complaint in report.complaints {
      let level: Logger.Level = complaint.severity == .error ? .error : .warning
      ground.logger.log(level: level, "\(complaint) \(complaint.vi)")
    }
    let digests: Logger.Metadata = ["before": "\(report.before)", "after": "\(report.after)"]
    switch report.outcome {
    case .swapped:
      let changes: Logger.Metadata = [
        "routes": "\(report.routes.words)", "endpoints": "\(report.endpoints.words)",
        "certificate": report.certificate ? "new" : "=",
      ]
      ground.logger.notice(
        "configuration swapped / đã đổi cấu hình", metadata: digests.merging(changes, uniquingKeysWith: { $1 }))
    case .unchanged:
      ground.logger.notice("configuration unchanged / cấu hình không đổi", metadata: ["digest": "\(report.after)"])
    case .refused:
      ground.logger.error(
        "configuration refused, the hub goes on as before / từ chối cấu hình mới, hub chạy tiếp cấu hình cũ",
        metadata: ["digest": "\(report.after)", "errors": "\(report.errorCount)"])
    }
  }

  private func keepRecord(_ report: ReloadReport?) {
    do { try record.write(report) } catch {
      ground.logger.error("\(record.path): \(error)")
    }
  }
}

extension ReloadReport {
  var errorCount: Int { complaints.count { $0.severity == .error } }

  fileprivate var hasErrors: Bool { errorCount > 0 }
}

extension Complaint {
  fileprivate static func notLoaded(_ cause: String) -> Complaint {
    Complaint(
      severity: .error, file: "hub.yaml", code: "not-loaded",
      message: "The configuration could not be loaded: \(cause)",
      vi: "Không nạp được cấu hình: \(cause)")
  }
}
