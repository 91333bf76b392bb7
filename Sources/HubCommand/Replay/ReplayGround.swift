internal import HubBus
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import HubTesting
internal import HubTransform
internal import Logging
internal import Synchronization

/// What plays recorded exchanges: configurations with their routes, mappings and connectors, and no far system.
final class ReplayGround: Sendable {
  private let folder: String
  private let pool: TransformPool
  /// Who is who, and who may what, is not pinned: it is taken as it is now.
  private let live: ConfigFiles
  private let made = Mutex<[String: ReplayStand]>([:])

  /// Takes a configuration folder, whose directory and programs every configuration uses.
  init(_ folder: String) throws {
    self.folder = folder
    live = try Site.files(in: folder)
    pool = TransformPool(
      limits: HubAssembly.transformLimits(try Site.load(live, secrets: .unresolved)), program: .own(logger: nil))
  }

  /// Ends the mapping workers.
  func close() { pool.shutdown() }

  /// The stand of a configuration that the journal pinned.
  ///
  /// - Throws: ``Failure`` when it is not known, or does not check any more.
  func stand(pinned digest: String, in journal: Journal) throws -> ReplayStand {
    if let known = made.withLock({ $0[digest] }) { return known }
    let files = try Self.files(pinned: digest, try? journal.configuration(digest), live: live)
    let stand = try stand(files)
    made.withLock { $0[digest] = stand }
    return stand
  }

  /// A pinned configuration with a directory of today.
  ///
  /// - Throws: ``Failure`` when the journal does not hold it.
  static func files(pinned digest: String, _ bundle: [UInt8]?, live: ConfigFiles) throws -> ConfigFiles {
    guard let bundle, var files = try? ConfigFiles(bundle: bundle) else {
      throw Failure("Sổ không giữ cấu hình \(digest.prefix(12)) / the journal does not hold that configuration.")
    }
    let today = live.contents.filter { ConfigFiles.liveFiles.contains($0.key) }
    files.contents.merge(today, uniquingKeysWith: { own, _ in own })
    files.isPinned = false
    return files
  }

  /// The way out to the endpoints of a configuration that are really called.
  ///
  /// - Throws: ``Failure`` when a secret or a mock is missing.
  func ways(_ targets: ReplayTargets, _ files: ConfigFiles, logger: Logger) async throws -> ReplayWays {
    let configuration = try Site.load(files, secrets: targets.isClosed ? .unresolved : .resolve(folder: folder))
    return try await ReplayWays(
      targets, configuration, Catalogue(configuration, in: folder, pool: pool), logger: logger)
  }

  /// The stand of a configuration.
  ///
  /// - Parameter ways: where calls go that are not answered from the recording.
  /// - Throws: ``Failure`` with all complaints when it does not check.
  func stand(_ files: ConfigFiles, ways: FarWays = FarWays()) throws -> ReplayStand {
    let configuration = try Site.load(files, secrets: .unresolved)
    let rehearsal = HubAssembly.rehearsal(
      configuration, digest: files.digest, pool: pool, directory: configuration.agencies, origin: OriginTape.lookup)
    return ReplayStand(rehearsal: rehearsal, wire: probe(configuration), ways: ways, routes: configuration.routes)
  }

  /// Shows what the connectors of a configuration put on the wire.
  private func probe(_ configuration: HubConfiguration) -> WireProbe {
    let catalogue = Catalogue(configuration, in: folder, pool: pool)
    var makers: [String: WireProbe.Maker] = [:]
    let quiet = Logger(label: "replay", factory: { _ in SwiftLogNoOpLogHandler() })
    for endpoint in configuration.endpoints {
      guard let kind = catalogue.connector(endpoint.connector), kind.hosting != .process else { continue }
      var bare = endpoint
      bare.settings = bare.settings.withPlaceholders(kind.descriptor.settings)
      let (settings, directory) = (bare, configuration.agencies)
      makers[endpoint.name] = { transport, clock in
        try? kind.parts(settings, transport, clock, directory, quiet).outbound
      }
    }
    return WireProbe(makers)
  }
}

extension SettingValues {
  /// The same with something in place of each secret: a replay needs none, and shows none.
  func withPlaceholders(_ declared: [Setting]) -> SettingValues {
    declared.reduce(self) { values, setting in
      guard let secret = values.secret(setting.name), secret.reveal() == nil else { return values }
      return values.with(setting.name, .secret(.placeholder(for: secret.reference)))
    }
  }
}
