internal import Foundation
internal import HubRouting

/// The texts in `mappings/` and `schemas/`.
struct SourceTexts {
  /// By file name, as in `dossier-progress.jq`.
  private(set) var mappings: [String: TextSource] = [:]
  /// By file name, as in `dossier-progress.json`.
  private(set) var schemas: [String: TextSource] = [:]
  /// Paths of JSON Schemas that mark personal data with `x-personal-data`.
  private(set) var personalSchemas: Set<String> = []
  /// Names of all files, also of those that cannot be read as text.
  private(set) var names: [String: Set<String>] = [:]

  init(files: ConfigFiles, complaints: inout Complaints) {
    for folder in ["mappings", "schemas"] {
      for path in files.paths(in: folder, endingWith: ".jq", ".xslt", ".json", ".xsd") {
        let name = String(path.dropFirst(folder.count + 1))
        names[folder, default: []].insert(name)
        guard let text = decodeText(files.contents[path] ?? [], file: path, into: &complaints) else { continue }
        let source = TextSource(name: path, text: text, place: SourcePlace(file: path))
        if folder == "mappings" { mappings[name] = source } else { schemas[name] = source }
        if path.hasSuffix(".json"), Self.marksPersonalData(text) { personalSchemas.insert(path) }
      }
    }
  }

  /// Whether `x-personal-data` is true anywhere in a schema. What is no JSON is the compiler's to complain about.
  private static func marksPersonalData(_ text: String) -> Bool {
    guard text.contains("x-personal-data"), let json = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else {
      return false
    }
    return marksPersonalData(json)
  }

  private static func marksPersonalData(_ json: Any) -> Bool {
    switch json {
    case let object as [String: Any]:
      (object["x-personal-data"] as? Bool) == true || object.values.contains { marksPersonalData($0) }
    case let list as [Any]: list.contains { marksPersonalData($0) }
    default: false
    }
  }
}
