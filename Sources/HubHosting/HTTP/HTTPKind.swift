public import HubConfig
public import HubKit
public import HubTransform
internal import JSONWire

extension ConnectorKind {
  /// The connector that an HTTP manifest describes.
  ///
  /// - Parameter pool: evaluates the manifest's jq programs and mappings.
  public init(_ manifest: ConnectorManifest, http: HTTPManifest, pool: TransformPool) {
    self.init(descriptor: manifest.descriptor, hosting: .manifest, digest: manifest.digest) {
      (settings) throws(SettingError) in
      try settings.requireAll(manifest.descriptor.settings)
      let site = try HTTPSite(http, settings: settings)
      return { (context) throws(AdapterError) in
        let evaluation = ManifestEvaluation(pool: pool, clock: context.clock)
        let far = FarSystem(site: site, context: context)
        return ConnectorParts(
          outbound: http.operations.isEmpty ? nil : ManifestOutbound(far: far, evaluation: evaluation),
          sources: http.sources.map { ManifestSource($0, far: far, evaluation: evaluation) },
          served: http.webhooks.isEmpty
            ? nil : ManifestServed(site: site, evaluation: evaluation, context: context))
      }
    }
  }
}

/// A manifest with the settings of one endpoint.
struct HTTPSite: Sendable {
  let manifest: HTTPManifest
  let settings: SettingValues
  /// Base URL without a slash at its end.
  let base: String

  init(_ manifest: HTTPManifest, settings: SettingValues) throws(SettingError) {
    self.manifest = manifest
    self.settings = settings
    let base = try manifest.base.baseURL(settings)
    guard base.hasPrefix("http://") || base.hasPrefix("https://"), !base.contains("?"), !base.contains("#") else {
      let name = manifest.base.names.first ?? "base"
      throw SettingError(name, "makes no base URL: it begins with http:// or https:// and has no query.")
    }
    self.base = base
  }
}

/// A place in a template for which there is no value.
struct MissingValue: Error {
  let name: String
}

extension HTTPTemplate {
  /// Fills the places.
  ///
  /// - Throws: ``MissingValue`` naming the first place without a value.
  func completed(_ value: (String) -> String?) throws(MissingValue) -> String {
    if let text = filled(value) { return text }
    throw MissingValue(name: names.first { value($0) == nil } ?? "?")
  }

  /// The base URL of a far system, without a slash at its end.
  ///
  /// - Throws: `SettingError` naming the first setting that it needs and does not find.
  func baseURL(_ settings: SettingValues) throws(SettingError) -> String {
    do throws(MissingValue) {
      var base = try completed(settings.plain)
      while base.hasSuffix("/") { base.removeLast() }
      return base
    } catch {
      throw SettingError(error.name, "is missing: the base URL needs it.")
    }
  }
}

extension SettingValues {
  /// - Throws: `SettingError` naming the first required setting that is not there.
  func requireAll(_ declared: [Setting]) throws(SettingError) {
    for setting in declared where setting.required && json(declared: [setting])[setting.name] == nil {
      // A secret that is only referred to has no value while a configuration is checked.
      if setting.kind == .secret, secret(setting.name) != nil { continue }
      throw SettingError(setting.name, "is missing, as in \(setting.example).")
    }
  }

  /// What a template may show of a setting: a text or a number, never a secret.
  func plain(_ name: String) -> String? { text(name) ?? integer(name).map(String.init) }
}
