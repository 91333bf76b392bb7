internal import Crypto
internal import HubKit

/// On whose behalf and what for: without these nobody is asked about (Law 91/2025/QH15, and the database's own audit).
struct PopulationUse: Sendable {
  /// Stays in the hub's record: the wire has no place for it.
  let purpose: String
  /// MaCanBo.
  let official: String
  /// MaDonVi.
  let unit: String
  /// Begins MaYeuCau.
  let dossier: String

  static let charactersMax = 64

  /// Reads the envelope's extensions.
  ///
  /// - Throws: ``AdapterError``, `reject`, `missing-<name>` or `bad-<name>`, before anything is sent.
  init(_ envelope: Envelope) throws(AdapterError) {
    purpose = try Self.value(ExtensionName.purpose, of: envelope, "why the data are asked for")
    official = try Self.value(ExtensionName.official, of: envelope, "the official who asks")
    unit = try Self.value(ExtensionName.unit, of: envelope, "the unit in which the official works")
    dossier = try Self.value(ExtensionName.dossier, of: envelope, "the dossier for which the data are asked")
  }

  private static func value(
    _ name: String, of envelope: Envelope, _ meaning: String
  ) throws(AdapterError) -> String {
    let words = (envelope.extensions[name] ?? "").split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else {
      throw AdapterError(
        .reject, code: "missing-\(name)",
        reason: "The attribute `\(name)` (\(meaning)) is missing: without it the population database is not asked.")
    }
    let text = words.joined(separator: " ")
    let isClean = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard text.count <= charactersMax, isClean else {
      throw AdapterError(
        .reject, code: "bad-\(name)",
        reason: "The attribute `\(name)` must have at most \(charactersMax) characters and no control character.")
    }
    return text
  }

  /// MaYeuCau: the dossier's code and a digest of the delivery's id. The same for every attempt of one delivery and
  /// different for all others, so that a repeat is the same request to whoever reads the database's log.
  func requestID(for delivery: Delivery) -> String {
    var hasher = SHA256()
    Array(delivery.id.utf8).withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return dossier + "-" + Hex.text(hasher.finalize().prefix(12))
  }
}

/// Bytes in lower-case hexadecimal.
enum Hex {
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
