internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import Logging

/// `lgsp replay`: yesterday's traffic on tomorrow's configuration.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Phát lại giao dịch đã ghi trên một cấu hình / play recorded exchanges on a configuration.",
    discussion: """
      Không chạm hệ thống nào: hệ thống ngoài được thay bằng trả lời đã ghi, nhân chặn mạng. Nothing live is touched:
      far systems are played by what they answered, and the kernel keeps the network shut. Compared are the route, each
      call's content and request, how it ends, and what whoever asked gets; what differs is put together by cause.

      Ví dụ / examples:
        lgsp replay monday --config Config-next                  bó trên cấu hình mới / a bundle on another folder
        lgsp replay --from 2026-11-23 --to 2026-11-24 --config Config-next --journal Config
        lgsp replay monday --html khac-biet.html --junit khac-biet.xml
        lgsp replay monday --config Config-next --results r1     vào sổ riêng / into a journal of its own:
                                        lgsp search --results r1 --key replay=different
        lgsp replay monday --against mock                        gọi hệ thống mô phỏng / the calls go to the mocks
        lgsp replay monday --against tax=live --reason "đối soát"
                                        gọi thật, cùng khoá chống trùng, hub ghi lại ai và vì sao / really, under the
                                        same idempotency keys; the hub records who and why

      Mã thoát / exit codes: 0 không khác gì / nothing differs, 1 có khác / something does, 3 có giao dịch không phát
      lại được / some could not be played, 64 sai cú pháp / usage.
      """)

  @Argument(help: "Bó do `lgsp record` ghi / a bundle; without it what the options find in the journal.")
  var bundle: String?
  @Option(
    help: ArgumentHelp(
      "Cấu hình đem thử / the configuration that is tried. Default: $LGSP_CONFIG, else the demo's, else ./Config.",
      valueName: "folder"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "Cấu hình có sổ để đọc / the configuration whose journal is read, without a bundle.", valueName: "folder"))
  var journal: String?
  @Option(help: "Thử cấu hình này trong sổ / try the pinned configuration of that digest, from the journal.")
  var pinned: String?
  @Option(help: "Chỉ tuyến này / only what this route took, without a bundle.") var route: String?
  @Option(help: "Nhiều nhất / at most so many, the newest, without a bundle.") var limit = 1_000_000
  @OptionGroup var filter: ExchangeFilter
  @Option(
    help: ArgumentHelp(
      "Lời gọi đi đâu, có thể lặp lại / where calls go: mock, or <endpoint>=recorded|mock|live|skip; may be repeated.",
      valueName: "target"))
  var against: [String] = []
  @Option(help: "Lý do, khi gọi thật / why, when something live is called; it is recorded.") var reason: String?
  @Option(
    help: ArgumentHelp(
      "Ghi kết quả vào sổ riêng, thư mục mới / write results into a journal of its own, a new folder, which trace, "
        + "search and journal read by --results.", valueName: "folder"))
  var results: String?
  @Option(help: "Trang HTML so hai bên / write a page with both sides.") var html: String?
  @Option(help: "JUnit XML cho máy dựng / for build servers.") var junit: String?
  @Flag(help: "In JSON / print JSON.") var json = false

  func validate() throws {
    guard bundle == nil || filter.isEmpty && route == nil else {
      throw ValidationError("Bó hoặc điều kiện, không cả hai / a bundle or conditions, not both.")
    }
    guard bundle != nil || !filter.isEmpty || route != nil else {
      throw ValidationError("Cần bó, hoặc --from … --to … / a bundle is needed, or conditions such as --from … --to ….")
    }
    let targets = try ReplayTargets(against)
    guard targets.live.isEmpty || !(reason ?? "").allSatisfy(\.isWhitespace) else {
      throw ValidationError("Gọi thật cần --reason / calling something live needs --reason: it is recorded.")
    }
  }

  func run() async throws {
    try await reporting {
      let report: ReplayReport
      do { report = try await replayed() } catch let error as BundleError { throw Failure("\(error)") }
      try tell(report)
      guard report.unplayed == 0 else { throw ExitStatus.refused }
      guard report.isClean else { throw ExitStatus.wrong }
    }
  }

  private var candidate: String {
    var location = ConfigLocation()
    location.config = config
    return location.folder
  }

  /// The folder whose journal is read.
  private var home: String {
    var location = ConfigLocation()
    location.config = journal
    return location.folder
  }

  private func replayed() async throws -> ReplayReport {
    let targets = try ReplayTargets(against)
    let ground = try ReplayGround(candidate)
    defer { ground.close() }
    if targets.isClosed, let reason = NetworkBan.enforce() {
      Output.note(
        "Nhân không chặn được mạng / the kernel does not shut the network: \(reason). Nothing is sent anyway.")
    }
    if !targets.live.isEmpty { try await announce(targets.live) }
    let files = try await files()
    var logger = Logger(label: "replay")
    logger.logLevel = .critical
    let ways = try await ground.ways(targets, files, logger: logger)
    let result: Result<ReplayReport, any Error>
    do {
      let stand = try ground.stand(files, ways: ways.ways)
      result = .success(
        try await intoResults(files) { results in
          try await played(on: stand, results, inOrder: !targets.isClosed)
        })
    } catch {
      result = .failure(error)
    }
    await ways.close()
    return try result.get()
  }

  /// Plays with a journal of results, if one is wanted. One that did not come whole is taken away.
  private func intoResults(
    _ files: ConfigFiles, _ play: (ReplayResults?) async throws -> ReplayReport
  ) async throws -> ReplayReport {
    guard let results else { return try await play(nil) }
    let journal = try await ResultsJournal(
      results, source: bundle ?? filter.words, files: files, homes: [home, candidate])
    do {
      let report = try await play(journal.results)
      await journal.close(isWhole: true)
      return report
    } catch {
      await journal.close(isWhole: false)
      throw error
    }
  }

  private func played(on stand: ReplayStand, _ results: ReplayResults?, inOrder: Bool) async throws -> ReplayReport {
    guard let bundle else { return try await fromJournal(on: stand, results, inOrder: inOrder) }
    let reader = try BundleReader(bundle)
    var progress = ProgressLine("phát lại / replaying", of: reader.manifest.exchanges)
    defer { progress.end() }
    return try await Replayer(
      stand: stand, ignore: reader.manifest.ignore, results: results, inOrder: inOrder
    ).run {
      try reader.next()
    } progress: {
      progress.advance(to: $0)
    }
  }

  /// The hub records who calls something live, and why, before it is called: whoever may not give the hub orders may
  /// not do this either.
  private func announce(_ endpoints: [String]) async throws {
    var location = ConfigLocation()
    location.config = home
    let words = "\(endpoints.joined(separator: ", ")): \(reason ?? "")"
    try await ControlClient.open(location) { client in
      let _: ReplayRecord = try await client.post(ReplayRecord.path, ControlClient.Order(reason: words))
    }
  }

  private func files() async throws -> ConfigFiles {
    guard let pinned else { return try Site.files(in: candidate) }
    let journal = try JournalAccess.reading(home)
    let bytes = try journal.configuration(pinned)
    await journal.close()
    return try ReplayGround.files(pinned: pinned, bytes, live: try Site.files(in: candidate))
  }

  /// Records and plays, one exchange after the other; nothing is written down.
  private func fromJournal(
    on stand: ReplayStand, _ results: ReplayResults?, inOrder: Bool
  ) async throws -> ReplayReport {
    let site = try Site(configFolder: home)
    let journal = try JournalAccess.reading(home)
    let past = try ReplayGround(home)
    defer { past.close() }
    let recorder = HubAssembly.recorder(site: site, journal: journal, ground: past, mask: nil)
    let found = try await Selection(try filter.query(limit: limit), route: route).exchanges(in: journal)
    var progress = ProgressLine("phát lại / replaying", of: found.count)
    var left = found[...]
    let report = try await Replayer(stand: stand, results: results, inOrder: inOrder).run {
      guard let id = left.popFirst(), let stored = try journal.exchange(id) else { return nil }
      do { return .recording(try await recorder.record(stored)) } catch let reason as Recorder.Unrecordable {
        return .unplayable(id, reason.description)
      }
    } progress: {
      progress.advance(to: $0)
    }
    progress.end()
    await journal.close()
    return report
  }

  private func tell(_ report: ReplayReport) throws {
    let title = "\(bundle ?? filter.words) → \(pinned.map { "\($0.prefix(12))" } ?? candidate)"
    if let html { try write(ReplayPage.html(report, title: title), to: html) }
    if let junit { try write(ReplayJUnit.xml(report, title: title), to: junit) }
    if json {
      try Output.json(report, pretty: true)
    } else {
      for line in ReplayText.lines(report) { Output.line(line) }
    }
  }

  /// Results show what stood in messages, so only their owner may read them.
  private func write(_ text: String, to path: String) throws {
    try PrivateFile.write(Data(text.utf8), to: path)
  }
}
