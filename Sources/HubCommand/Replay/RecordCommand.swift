internal import ArgumentParser
internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTesting
internal import HubTransform

/// `lgsp record`: logged exchanges become bundles and tests.
struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Ghi giao dịch thành bó để phát lại, hoặc thành phép thử / turn logged exchanges into bundles and tests.",
    discussion: """
      Bó là một thư mục: bản tin vào, trả lời của hệ thống ngoài, và những gì cấu hình khi đó làm ra; http.har mở được
      bằng trình duyệt. A bundle is a folder: what came in, what far systems answered, and what the configuration of
      that time makes of it; http.har opens in any browser. Play it with: lgsp replay <bundle>.

      Không có --mask thì bó chứa dữ liệu cá nhân: chỉ chủ sở hữu đọc được / without --mask it holds personal data, and
      only its owner may read it.

      Ví dụ / examples:
        lgsp record --from 2026-11-23 --to 2026-11-24 --out monday --mask
        lgsp record --route documents --state failed --out failed-documents
        lgsp record 0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70 --as-test documents    một phép thử của tuyến / a route's test
        lgsp record 0199f3c2-7a10-7c44-9d0e-2f6a8c1b5e70 --as-test population   của bộ kết nối / of a connector: run by
                                                                               lgsp connector test population
        lgsp record --check-mask monday     chứng minh bó không còn dữ liệu cá nhân / proves that the mask is whole

      Mã thoát của --check-mask / its exit codes: 0 không còn gì / nothing is left, 1 còn, hoặc bó chưa che / something
      is, or the bundle is not masked, 3 có chỗ không xem được (ảnh, PDF có mật khẩu) / something cannot be looked into;
      --allow-opaque: 0, 64 sai cú pháp / usage.
      """)

  @Argument(help: "Mã giao dịch / exchange ids; without any, what the options find.") var ids: [String] = []
  @Option(help: "Thư mục bó, chưa có / folder of the bundle; must not exist.") var out: String?
  @Flag(help: "Che dữ liệu cá nhân / replace personal data.") var mask = false
  @Option(help: "Chỉ tuyến này / only what this route took.") var route: String?
  @Option(help: "Nhiều nhất / at most so many, the newest.") var limit = 1_000_000
  @Option(help: "Tên tuyến hoặc bộ kết nối: ghi thành phép thử / name of a route or a connector: becomes its test.")
  var asTest: String?
  @Option(help: "Thư mục cấu hình nhận phép thử / configuration folder that gets the test; by default the one in use.")
  var into: String?
  @Option(help: "Xem bó đã che còn dữ liệu cá nhân không / look for personal data in a masked bundle.")
  var checkMask: String?
  @Flag(help: "Với --check-mask: chấp nhận chỗ không xem được / accept what cannot be looked into.")
  var allowOpaque = false
  @Flag(help: "Với --check-mask: in JSON / print JSON.") var json = false
  @OptionGroup var filter: ExchangeFilter
  @OptionGroup var location: ConfigLocation

  func validate() throws {
    guard checkMask == nil else {
      guard asTest == nil, out == nil, ids.isEmpty, filter.isEmpty, route == nil, !mask else {
        throw ValidationError("--check-mask chỉ xem một bó / looks at a bundle and records nothing.")
      }
      return
    }
    guard !json, !allowOpaque else {
      throw ValidationError("--json và --allow-opaque đi với --check-mask / go with --check-mask.")
    }
    guard (asTest != nil) != (out != nil) else {
      throw ValidationError("Cần --out <bó> hoặc --as-test <tuyến> / either --out <bundle> or --as-test <route>.")
    }
    guard asTest == nil || !ids.isEmpty else {
      throw ValidationError("--as-test cần mã giao dịch / needs exchange ids.")
    }
    guard ids.isEmpty || filter.isEmpty && route == nil else {
      throw ValidationError("Mã hoặc điều kiện, không cả hai / ids or conditions, not both.")
    }
    guard limit > 0 else { throw ValidationError("--limit > 0") }
  }

  func run() async throws {
    try await reporting {
      if let checkMask {
        let folder = location.folder
        try await MaskCheck(bundle: checkMask, folder: folder, isJSON: json, allowsOpaque: allowOpaque).run()
      } else if let asTest {
        try await makeTests(of: asTest)
      } else if let out {
        try await makeBundle(out)
      }
    }
  }

  private func exchangeIDs() throws -> [ExchangeID] {
    try ids.map { text in
      guard let id = ExchangeID(text) else { throw Failure("\(text): không phải mã giao dịch / no exchange id.") }
      return id
    }
  }
}

// MARK: - Bundles

extension RecordCommand {
  private func makeBundle(_ out: String) async throws {
    let site = try Site(configFolder: location.folder)
    let ground = try ReplayGround(location.folder)
    defer { ground.close() }
    let journal = try JournalAccess.reading(location.folder)
    let bundleMask = mask ? try HubAssembly.bundleMask(site) : nil
    let recorder = HubAssembly.recorder(site: site, journal: journal, ground: ground, mask: bundleMask)
    let selection = Selection(try filter.query(limit: limit), route: route, ids: try exchangeIDs())
    let words =
      ids.isEmpty
      ? ([route.map { "route \($0)" }, filter.isEmpty ? nil : filter.words].compactMap { $0 }).joined(separator: ", ")
      : "\(ids.count) ids"
    let manifest: BundleManifest
    do {
      let writer = try BundleWriter(
        out,
        manifest: BundleManifest(
          created: SystemClock().now, masked: mask,
          selection: bundleMask?.text(words) ?? words))
      do { manifest = try await record(selection, from: journal, by: recorder, bundleMask, into: writer) } catch {
        writer.discard()
        throw error
      }
    } catch let error as BundleError {
      throw Failure("\(error)")
    }
    await journal.close()
    tell(manifest, out)
  }

  private func record(
    _ selection: Selection, from journal: Journal, by recorder: Recorder, _ mask: BundleMask?,
    into writer: BundleWriter
  ) async throws -> BundleManifest {
    let found = try await selection.exchanges(in: journal)
    var progress = ProgressLine("ghi / recording", of: found.count)
    for id in found {
      if let stored = try journal.exchange(id) {
        do {
          try writer.add(try await recorder.record(stored))
        } catch let reason as Recorder.Unrecordable {
          writer.leaveOut(id, reason)
        }
      }
      progress.advance()
    }
    progress.end()
    return try writer.finish(mask?.notes)
  }

  private func tell(_ manifest: BundleManifest, _ out: String) {
    Output.line("\(out): \(manifest.exchanges) giao dịch / exchanges\(manifest.masked ? ", đã che / masked" : "")")
    for (kind, count) in manifest.leftOut.sorted(by: { $0.key < $1.key }) {
      let example = manifest.leftOutExamples.first { $0.kind.rawValue == kind }?.reason ?? ""
      Output.note("  bỏ qua / left out: \(count) (\(kind)): \(example)")
    }
    if manifest.odd > 0 {
      Output.note(
        "  \(manifest.odd) đi đường khác trong sổ / went another way in the journal; see `oddities` in exchanges.jsonl")
    }
    if !manifest.masked {
      Output.note("  Bó chứa dữ liệu cá nhân / the bundle holds personal data: --mask replaces them.")
    }
  }
}

// MARK: - Tests

extension RecordCommand {
  private func makeTests(of name: String) async throws {
    let site = try Site(configFolder: location.folder)
    guard let route = site.configuration.routes.first(where: { $0.name == name }) else {
      return try await makeConnectorTests(of: name, site)
    }
    let journal = try JournalAccess.reading(location.folder)
    let ground = try ReplayGround(location.folder)
    defer { ground.close() }
    let files = try Site.files(in: location.folder)
    let recorder = TestRecorder(
      journal: journal,
      recorder: HubAssembly.recorder(
        site: site, journal: journal, ground: ground, mask: try HubAssembly.bundleMask(site)),
      stage: HubAssembly.rehearsalStage(try Site.load(files, secrets: .unresolved), files: files))
    let folder = "\(into ?? location.folder)/routes/\(route.name).tests"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for id in try exchangeIDs() {
      let recording: TestRecorder.Files
      do { recording = try await recorder.record(id, as: route) } catch { throw Failure("\(error)") }
      for (name, bytes) in recording.files {
        try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
      }
      Output.line("\(folder)/\(recording.name)")
    }
    await journal.close()
  }
}

extension RecordCommand {
  /// What connectors were handed, what came of it and what they sent, masked.
  private func makeConnectorTests(of name: String, _ site: Site) async throws {
    let (shelf, entry) = try ConnectorShelf.find(name, configFolder: location.folder)
    shelf.pool.shutdown()
    let endpoints = site.configuration.endpoints.filter { $0.connector == entry.kind.descriptor.name }
    let ground = try ReplayGround(location.folder)
    defer { ground.close() }
    let journal = try JournalAccess.reading(location.folder)
    let recorder = HubAssembly.recorder(
      site: site, journal: journal, ground: ground, mask: try HubAssembly.bundleMask(site))
    let stand = try ground.stand(try Site.files(in: location.folder))
    let folder = try entry.fixturesFolder(into: into)
    for id in try exchangeIDs() {
      guard let stored = try journal.exchange(id) else {
        throw Failure("Không có giao dịch \(id) / no exchange is known by \(id).", exitCode: ExitStatus.notFound)
      }
      let deliveries: [RecordedDelivery]
      do { deliveries = try await recorder.deliveries(of: stored, on: stand) } catch let reason as Recorder.Unrecordable
      {
        throw Failure("\(reason)")
      }
      let own = deliveries.filter { delivery in endpoints.contains { $0.name == delivery.endpoint } }
      guard !own.isEmpty else {
        throw Failure(
          "\(id): không qua bộ kết nối \(name) / nothing of it goes through the connector \(name), or what that sends "
            + "cannot be seen: it is a program of its own.")
      }
      for (index, delivery) in own.enumerated() {
        guard let settings = endpoints.first(where: { $0.name == delivery.endpoint })?.settings else { continue }
        let test = ReplayedExchange(
          connector: entry.kind.descriptor.name, settings: settings.stored(entry.kind.descriptor.settings),
          delivery: delivery.delivery, answer: delivery.answer, requests: delivery.requests)
        let path = "\(folder)/recorded-\(id.text.suffix(12))-\(index + 1)\(ReplayedExchange.suffix)"
        try Data(test.encoded()).write(to: URL(filePath: path), options: .atomic)
        Output.line(path)
      }
    }
    await journal.close()
  }
}

extension HubAssembly {
  /// Takes exchanges out of the journal.
  static func recorder(site: Site, journal: Journal, ground: ReplayGround, mask: BundleMask?) -> Recorder {
    Recorder(
      journal: journal, stands: { try ground.stand(pinned: $0, in: journal) }, origin: origin(in: journal), mask: mask)
  }

  /// Where the routes' schemas mark personal data.
  static func personalSchemas(_ configuration: HubConfiguration) -> PersonalSchemas {
    PersonalSchemas(formats: formats(configuration), routes: configuration.routes)
  }

  /// Replaces personal data as the hub does where a route keeps bodies masked.
  static func bundleMask(_ site: Site) throws -> BundleMask {
    let configuration = try Site.load(try Site.files(in: site.folder), secrets: .resolve(folder: site.folder))
    return BundleMask(
      masking: try masking(configuration), schemas: personalSchemas(configuration))
  }
}
