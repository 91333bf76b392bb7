internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubMock
internal import HubTransform
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// `lgsp mock`: plays the far systems.
struct MockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mock",
    abstract: "Chạy các hệ thống mô phỏng trong mocks.yaml / run the mocks named in mocks.yaml.",
    discussion: """
      Mỗi hệ thống mô phỏng nói đúng giao thức thật trên cổng thật / each speaks the real protocol on a real socket.

      Ví dụ / examples:
        lgsp mock --config Config
        lgsp mock edocument
        lgsp mock hotline-1022 --port 0 --json
        curl -s http://127.0.0.1:8092/_mock/received?agency=H24.12
        curl -s -X POST http://127.0.0.1:8092/_mock/transport-faults -d '{"path": "/api/*", "close": "after"}'
      """)

  @Argument(
    help: "Tên trong mocks.yaml hoặc tên connector; để trống: tất cả / names of mocks or connectors; none: all.")
  var names: [String] = []
  @Option(help: "Cổng cho một hệ thống duy nhất; 0: cổng trống bất kỳ / port for a single mock; 0: any free one.")
  var port: Int?
  @Flag(help: "Mỗi dòng một đối tượng JSON, địa chỉ trước tiên / JSON lines, the addresses first.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let files = try Site.files(in: location.folder)
      let configuration = try self.configuration(files)
      let logger = Logger(label: "lgsp.mock")
      let pool = TransformPool(limits: HubAssembly.transformLimits(configuration), program: .own(logger: logger))
      defer { pool.shutdown() }
      let catalogue = Catalogue(configuration, in: location.folder, pool: pool)
      let plays = try wanted(configuration, catalogue).map { try Play($0, catalogue, in: location.folder, logger) }
      let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
          services: plays.map { .init(service: $0.host) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      )
      do {
        try await withThrowingTaskGroup { tasks in
          tasks.addTask { try await group.run() }
          for play in plays { try await tell(play) }
          try await tasks.waitForAll()
        }
      } catch {
        throw Failure("\(error)")
      }
    }
  }

  /// Secrets are followed when a mock wants one; those of endpoints may be elsewhere.
  private func configuration(_ files: ConfigFiles) throws -> HubConfiguration {
    let written = try Site.load(files, secrets: .unresolved)
    let descriptors = Installation.current.mocks.map { $0.descriptor } + written.manifests.compactMap(\.mockDescriptor)
    let wantsSecrets = written.mocks.contains { mock in
      let isMeant = names.isEmpty || names.contains(mock.name) || names.contains(mock.connector)
      let settings = descriptors.first { $0.name == mock.connector }?.settings ?? []
      return isMeant && settings.contains { $0.kind == .secret && mock.settings.secret($0.name) != nil }
    }
    return wantsSecrets ? try Site.load(files, secrets: .resolve(folder: location.folder)) : written
  }

  /// What mocks.yaml says of the names; a connector that it does not mention is played on any free port.
  private func wanted(_ configuration: HubConfiguration, _ catalogue: Catalogue) throws -> [MockConfiguration] {
    var wanted: [MockConfiguration] = names.isEmpty ? configuration.mocks : []
    for name in names {
      let known = configuration.mocks.filter { $0.connector == name || $0.name == name }
      if !known.isEmpty {
        wanted += known
      } else if let kind = catalogue.mock(name) {
        wanted.append(MockConfiguration(kind.descriptor))
      } else {
        let known = Set(configuration.mocks.map(\.name) + catalogue.mocks.map(\.descriptor.name)).sorted()
        throw Failure(
          "Không có hệ thống mô phỏng \(name) / there is no mock \(name). Có / there are: "
            + known.joined(separator: ", "))
      }
    }
    guard !wanted.isEmpty else { throw Failure("mocks.yaml không có hệ thống nào / names no mock.") }
    guard let port else { return wanted }
    guard wanted.count == 1, (0...65_535).contains(port) else {
      throw Failure("--port cần đúng một hệ thống và cổng từ 0 đến 65535 / wants one mock and a port up to 65535.")
    }
    wanted[0].address.port = port
    return wanted
  }

  private func tell(_ play: Play) async throws {
    let scheme = play.configuration.tls == nil ? "http" : "https"
    let address = "\(scheme)://\(play.configuration.address.host):\(try await play.host.boundPort())"
    if json {
      try Output.json(Line(mock: play.configuration.name, connector: play.configuration.connector, address: address))
    } else {
      Output.line("\(play.configuration.connector): \(address)  \(play.summary)")
    }
  }

  private struct Line: Encodable {
    var mock: String
    var connector: String
    var address: String
  }

  /// One mock, ready to run.
  private struct Play {
    let configuration: MockConfiguration
    let host: MockHost
    let summary: String

    init(
      _ configuration: MockConfiguration, _ catalogue: Catalogue, in folder: String, _ logger: Logger
    ) throws {
      guard let kind = catalogue.mock(configuration.connector) else {
        throw Failure("Không có hệ thống mô phỏng \(configuration.connector) / no such mock is installed.")
      }
      self.configuration = configuration
      summary = kind.descriptor.summary
      let interface = try kind.started(configuration.settings, clock: SystemClock())
      host = MockHost(
        name: configuration.name, interface: FaultInterface(interface, rules: kind.faults),
        settings: MockHost.Settings(
          host: configuration.address.host, port: configuration.address.port,
          tls: configuration.tls.map { tls in
            MockTLS(
              certificateChainPath: configuredPath(tls.certificate, in: folder),
              privateKeyPath: configuredPath(tls.key, in: folder),
              expiredChainPath: tls.expired.map { configuredPath($0, in: folder) })
          }), logger: logger)
    }
  }
}
