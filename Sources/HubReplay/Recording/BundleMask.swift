public import HubBus
internal import HubKit
public import HubRouting
internal import HubTransform

/// Takes personal data out of what is recorded. The same person is the same pseudonym throughout a bundle.
public struct BundleMask: Sendable {
  private let masking: Masking
  private let formats: FormatCatalogue
  private let routes: [String: Route]

  /// Creates a mask.
  ///
  /// - Parameters:
  ///   - masking: holds the key of the pseudonyms.
  ///   - formats: of the configuration in use.
  ///   - routes: whose schemas mark personal data.
  public init(masking: Masking, formats: FormatCatalogue, routes: [Route]) {
    self.masking = masking
    self.formats = formats
    self.routes = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// A message's bytes: by the marks of its format and of its route's schemas, by detectors elsewhere.
  func body(_ bytes: [UInt8], type: String?, route: String?) throws -> [UInt8] {
    let route = route.flatMap { routes[$0] } ?? Route(name: "", to: [])
    let masked = try masking.masked(bytes, mediaType: type, route: route, formats: formats)
    return masked ?? Array(masking.masker(personal: []).mask(text: String(decoding: bytes, as: UTF8.self)).utf8)
  }

  /// What a far system answered: by the marks of the schemas to which the route holds answers.
  func reply(_ bytes: [UInt8], type: String?, to planned: PlannedDelivery, route: String?) throws -> [UInt8] {
    let own = route.flatMap { routes[$0] }
    let schemas = (planned.role == nil ? own?.reply?.validate : nil) ?? own?.validate ?? []
    let marked = Route(name: "", validate: schemas, to: [])
    let masked = try masking.masked(bytes, mediaType: type, route: marked, formats: formats)
    return masked ?? Array(masking.masker(personal: []).mask(text: String(decoding: bytes, as: UTF8.self)).utf8)
  }

  /// The outside of a message; the official who asks and the reason are persons' matters.
  func envelope(_ envelope: Envelope) -> [String: String] {
    let masker = masking.masker(personal: [])
    var named = envelope.named
    for (name, value) in named {
      switch name {
      case ExtensionName.official: named[name] = masker.pseudonym(of: value)
      case "id", "source", "subject", ExtensionName.purpose, ExtensionName.dossier, ExtensionName.path,
        ExtensionName.orderingKey:
        named[name] = masker.mask(text: value)
      default: break
      }
    }
    return named
  }

  /// A key by which an earlier exchange was looked up.
  func origin(_ origin: RecordedOrigin) -> RecordedOrigin {
    var origin = origin
    origin.value = masking.masker(personal: []).mask(text: origin.value)
    return origin
  }
}
