internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTesting
internal import HubTransform
internal import HubTransport
internal import ServiceLifecycle

/// `lgsp run --watch`: after a change in the configuration folder the hub takes it, and what proves the changed parts
/// is run: the routes' tests, and the contracts of connectors whose files changed.
struct Watching: Service {
  private let folder: String
  private let reloading: Reloading
  private let watch: FolderWatch
  private let mocked: MockedEndpoints?
  private let pool: TransformPool
  /// Editors write in several steps; so long is waited for the last of them.
  private static let settling = Duration.milliseconds(200)

  /// - Parameters:
  ///   - mocked: endpoints that the hub plays itself; their mocks begin again when their scenarios change.
  ///   - pool: evaluates the scenarios.
  init(folder: String, reloading: Reloading, mocked: MockedEndpoints?, pool: TransformPool) throws {
    self.folder = folder
    self.reloading = reloading
    self.mocked = mocked
    self.pool = pool
    watch = try FolderWatch(folder)
  }

  func run() async throws {
    let first = try Site.files(in: folder)
    Output.line("Theo dõi \(folder) / watching \(folder)")
    await cancelWhenGracefulShutdown {
      // What was looked at last, and what was in force last: a change that is refused is a change still.
      var (seen, inForce) = (first, first)
      for await _ in watch.changes {
        try? await Task.sleep(for: Self.settling)
        watch.lookAgain()
        guard !Task.isCancelled else { return }
        do {
          let files = try Site.files(in: folder)
          guard !Self.changes(from: seen, to: files).isEmpty else { continue }
          seen = files
          if await round(files, Self.changes(from: inForce, to: files)) { inForce = files }
        } catch {
          Output.line("✗ \(error)")
        }
      }
    }
  }

  /// Paths that are new, other than before, or gone, in order.
  static func changes(from old: ConfigFiles, to new: ConfigFiles) -> [String] {
    Set(old.contents.keys).union(new.contents.keys).filter { old.contents[$0] != new.contents[$0] }.sorted()
  }

  /// - Returns: whether the files are in force now.
  private func round(_ files: ConfigFiles, _ changed: [String]) async -> Bool {
    Output.line("↻ \(changed.joined(separator: ", "))")
    guard let report = await reloading.reload() else { return false }
    for complaint in report.complaints { Output.line("  \(complaint)\n    \(complaint.vi)") }
    switch report.outcome {
    case .swapped:
      let parts = [("tuyến / routes", report.routes), ("điểm kết nối / endpoints", report.endpoints)]
      let words = parts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.words)" }.joined(separator: "; ")
      Output.line("  ✓ đã đổi / swapped" + (words.isEmpty ? "" : " (\(words))"))
    case .unchanged: Output.line("  ✓ không đổi gì / nothing to swap")
    case .refused:
      Output.line("  ✗ từ chối, hub chạy tiếp cấu hình cũ / refused, the hub goes on as before")
      return false
    }
    restartMocks(files, changed)
    await testRoutes(files)
    for name in Self.connectors(of: changed) { await test(connector: name) }
    return true
  }

  /// A scenario lies in `mock.yaml` and in the files that it names; what `mocks.yaml` says of it counts as well.
  private func restartMocks(_ files: ConfigFiles, _ changed: [String]) {
    guard let mocked, let configuration = try? Site.load(files, secrets: .resolve(folder: folder)) else { return }
    let catalogue = Catalogue(configuration, in: folder, pool: pool)
    let scenarios = configuration.manifests.filter { manifest in
      let texts = ["\(manifest.folder)/mock.yaml"] + (manifest.mock?.programs.map(\.place.file) ?? [])
      return changed.contains("mocks.yaml") || texts.contains { changed.contains($0) }
    }
    let endpoints = mocked.restart(Set(scenarios.map(\.descriptor.name)), configuration, catalogue)
    if !endpoints.isEmpty {
      Output.line("  ✓ mô phỏng bắt đầu lại / mocks began again: \(endpoints.joined(separator: ", "))")
    }
  }

  private func testRoutes(_ files: ConfigFiles) async {
    guard let configuration = try? Site.load(files, secrets: .unresolved) else { return }
    let runner = RouteTestRunner(stage: HubAssembly.rehearsalStage(configuration, files: files))
    var findings: [RouteTestRunner.Finding] = []
    for route in configuration.routes { findings += await runner.run(route) }
    for finding in findings { Output.line("  ✗ \(finding.place) “\(finding.test)”: \(finding.message)") }
    let count = configuration.routes.reduce(0) { $0 + $1.tests.count }
    if findings.isEmpty { Output.line("  ✓ \(count) phép thử của các tuyến / tests of routes") }
  }

  /// Names of the connectors to which changed files belong.
  static func connectors(of changed: [String]) -> [String] {
    let names = changed.compactMap { path -> String? in
      let parts = path.split(separator: "/").map(String.init)
      return parts.count > 2 && parts[0] == "connectors" ? parts[1] : nil
    }
    return Set(names).sorted()
  }

  private func test(connector name: String) async {
    let loop = CurlLoop()
    do {
      let (shelf, entry) = try ConnectorShelf.find(name, configFolder: folder)
      defer { shelf.pool.shutdown() }
      let check = try await shelf.check(of: entry, over: loop)
      var failures: [String] = []
      for behaviour in ConnectorContract.Behaviour.allCases {
        if case .failed(let message) = await check(behaviour) { failures.append("\(behaviour.rawValue): \(message)") }
      }
      for failure in failures { Output.line("  ✗ \(name): \(failure)") }
      if failures.isEmpty { Output.line("  ✓ \(name): giữ đúng hợp đồng / keeps the contract") }
    } catch {
      Output.line("  ✗ \(name): \(error)")
    }
    await loop.shutdown()
  }
}
