internal import Crypto
internal import Foundation
internal import HubKit

extension ConnectorKind {
  /// Tells one state of a connector from another for its certificate: the digest of its files, or of what a module
  /// declares. Words for people are left out: whoever writes them better has not changed the connector.
  var certifiedDigest: String {
    guard digest.isEmpty else { return digest }
    let promises = Promises(descriptor)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(promises) else { return "" }
    return SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// What a module promises to those who write endpoints and routes.
private struct Promises: Encodable {
  struct Setting: Encodable {
    var name: String
    var kind: String
    var standard: String?
    var required: Bool
  }

  var version: String
  var settings: [Setting]
  var operations: [String]
  var events: [String]
  var failures: [String]

  init(_ descriptor: ConnectorDescriptor) {
    version = descriptor.version
    settings = descriptor.settings.map {
      Setting(name: $0.name, kind: $0.kind.words, standard: $0.defaultValue?.words, required: $0.required)
    }
    operations = descriptor.operations.map(\.name)
    events = descriptor.events.map(\.name)
    failures = descriptor.failures.map(\.name)
  }
}
