internal import HubBus
internal import HubConfig
internal import HubKit
internal import HubTransform
internal import HubTransport
internal import Logging

/// One endpoint's connector, made for one question; the hub need not run.
struct SingleEndpoint {
  let endpoint: EndpointConfiguration
  private let configuration: HubConfiguration
  private let folder: String

  /// Finds an endpoint in a configuration, its secrets resolved.
  ///
  /// - Throws: ``Failure`` when there is none of that name.
  init(_ name: String, in folder: String) throws {
    let files = try Site.files(in: folder)
    configuration = try Site.load(files, secrets: .resolve(folder: folder))
    self.folder = folder
    guard let endpoint = configuration.endpoint(name) else {
      let known = configuration.endpoints.map(\.name).joined(separator: ", ")
      throw Failure(
        "Không có điểm kết nối \(name) / there is no such endpoint. Có / there are: \(known)",
        exitCode: ExitStatus.notFound)
    }
    self.endpoint = endpoint
  }

  /// Makes the connector's parts and asks them something.
  ///
  /// - Throws: ``Failure`` when no such connector is installed.
  func asking<Value: Sendable>(
    _ label: String, _ ask: (ConnectorParts) async -> Result<Value, AdapterError>
  ) async throws -> Result<Value, AdapterError> {
    let logger = Logger(label: label)
    let pool = TransformPool(limits: HubAssembly.transformLimits(configuration), program: .own(logger: logger))
    defer { pool.shutdown() }
    let loop = CurlLoop()
    guard let kind = Catalogue(configuration, in: folder, pool: pool).connector(endpoint.connector) else {
      throw Failure("Không có bộ kết nối \(endpoint.connector) / no such connector is installed.")
    }
    let context = ConnectorContext(
      endpoint: endpoint.name,
      transport: loop.transport(for: endpoint.name, HubAssembly.transportOptions(endpoint), recorder: nil),
      gateway: EndpointGateway(endpoint: endpoint.name), clock: SystemClock(), directory: configuration.agencies,
      logger: logger)
    let result: Result<Value, AdapterError>
    do throws(AdapterError) {
      let make: ConnectorKind.Maker
      do throws(SettingError) { make = try kind.configured(endpoint.settings) } catch {
        throw AdapterError(.reject, code: "setting", reason: "\(error.name): \(error.message)")
      }
      result = await ask(try make(context))
    } catch {
      result = .failure(error)
    }
    await loop.shutdown()
    return result
  }
}
