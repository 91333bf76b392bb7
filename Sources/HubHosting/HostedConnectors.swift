internal import Foundation
public import HubConfig
public import HubKit
public import HubRouting
public import HubTransform

/// Makes connectors of what a configuration describes.
public enum HostedConnectors {
  /// The connectors of a configuration's manifests.
  ///
  /// - Parameters:
  ///   - configFolder: the configuration folder, in which their own folders lie.
  ///   - pool: evaluates their programs and mappings.
  public static func kinds(
    of manifests: [ConnectorManifest], in configFolder: String, pool: TransformPool
  ) -> [ConnectorKind] {
    let root = URL(filePath: configFolder).standardizedFileURL.path
    return manifests.map { kind(of: $0, folder: "\(root)/\($0.folder)", pool: pool) }
  }

  /// The connector of one manifest.
  ///
  /// - Parameter folder: the connector's own folder, wherever it lies.
  public static func kind(of manifest: ConnectorManifest, folder: String, pool: TransformPool) -> ConnectorKind {
    switch manifest.way {
    case .http(let http): ConnectorKind(manifest, http: http, pool: pool)
    case .files(let files): ConnectorKind(manifest, files: files, pool: pool)
    case .process(let process): ConnectorKind(manifest, process: process, folder: folder)
    }
  }

  /// Everything in a manifest that must compile, with the places for complaints.
  public static func programs(of manifest: ConnectorManifest) -> (plan: TransformPlan, sources: [TextSource]) {
    let mock = (manifest.mock?.programs ?? []) + (manifest.contract?.programs ?? [])
    if case .files(let files) = manifest.way {
      return plan(
        manifest, mock + files.sources.map(\.event) + files.operations.flatMap { $0.values.map(\.jq) },
        files.operations.flatMap(\.map))
    }
    guard case .http(let http) = manifest.way else { return plan(manifest, mock, []) }
    let rules = http.errors + http.operations.flatMap(\.errors)
    let programs =
      rules.compactMap(\.when) + [http.code].compactMap { $0 }
      + http.operations.flatMap { $0.values.map(\.jq) + [$0.success, $0.reference].compactMap { $0 } }
      + http.sources.flatMap { [$0.events, $0.cursor, $0.more].compactMap { $0 } } + http.webhooks.map(\.events) + mock
    return plan(manifest, programs, http.operations.flatMap { $0.map + $0.answerMap })
  }

  private static func plan(
    _ manifest: ConnectorManifest, _ programs: [TextSource], _ maps: [RouteMapping]
  ) -> (plan: TransformPlan, sources: [TextSource]) {
    let plan = TransformPlan(
      id: manifest.descriptor.name, map: maps.map(\.step) + programs.map { MapStep.jq($0.shape) })
    return (plan, programs + maps.map(\.source))
  }
}
