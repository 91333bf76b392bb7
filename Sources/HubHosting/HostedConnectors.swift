public import HubKit

/// Makes connectors of what a configuration describes.
public enum HostedConnectors {
  /// The connectors of a configuration's manifests.
  public static func kinds() -> [ConnectorKind] { [] }
}
