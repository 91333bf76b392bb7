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
        curl -s http://127.0.0.1:8092/_mock/received?agency=H24.12
      """)

  @Argument(
    help: "Tên trong mocks.yaml hoặc tên connector; để trống: tất cả / names of mocks or connectors; none: all.")
  var names: [String] = []
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let files: ConfigFiles
      do { files = try ConfigFiles(folder: location.folder) } catch { throw Failure("\(error)") }
      let configuration = try Site.load(files, secrets: .resolve(folder: location.folder))
      let wanted = configuration.mocks.filter {
        names.isEmpty || names.contains($0.connector) || names.contains($0.name)
      }
      guard !wanted.isEmpty else { throw Failure("mocks.yaml không có hệ thống nào như vậy / names no such mock.") }
      let logger = Logger(label: "lgsp.mock")
      let pool = TransformPool(limits: HubAssembly.transformLimits(configuration), program: .own(logger: logger))
      defer { pool.shutdown() }
      let catalogue = Catalogue(configuration, in: location.folder, pool: pool)
      let hosts = try wanted.map { try Self.host($0, catalogue, logger) }
      let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
          services: hosts.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
      do { try await group.run() } catch { throw Failure("\(error)") }
    }
  }

  private static func host(
    _ configuration: MockConfiguration, _ catalogue: Catalogue, _ logger: Logger
  ) throws -> MockHost {
    guard let kind = catalogue.mock(configuration.connector) else {
      throw Failure("Không có hệ thống mô phỏng \(configuration.connector) / no such mock is installed.")
    }
    let interface = try kind.started(configuration.settings, clock: SystemClock())
    Output.line("\(configuration.connector): http://\(configuration.address)  \(kind.descriptor.summary)")
    return MockHost(
      name: configuration.connector, interface: FaultInterface(interface),
      settings: MockHost.Settings(host: configuration.address.host, port: configuration.address.port), logger: logger)
  }
}
