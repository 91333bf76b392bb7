internal import HubRouting

/// The texts that lie in a connector's folder, or stand in one of its files.
struct ConnectorTexts {
  let folder: String
  let files: ConfigFiles
  var complaints: Complaints

  /// A jq program that stands in the manifest or in a file beside it.
  mutating func program(_ object: CheckedObject, _ name: String, key: String) -> TextSource? {
    guard let value = object[name] else { return nil }
    guard let file = value.object?["file"] else { return inline(value, key: key) }
    return source(file, ending: ".jq")
  }

  func inline(_ value: Checked, key: String) -> TextSource {
    TextSource(name: "\(value.place.file)#\(key)", text: value.text ?? "", place: value.place)
  }

  mutating func mappings(_ owner: CheckedObject) -> [RouteMapping] {
    owner.objects("map").compactMap { object in
      if let value = object["jq"] { return source(value, ending: ".jq").map(RouteMapping.jq) }
      return object["xslt"].flatMap { source($0, ending: ".xslt") }.map(RouteMapping.xslt)
    }
  }

  /// The text of a file in the connector's folder; its place is where the manifest names it.
  private mutating func source(_ value: Checked, ending: String) -> TextSource? {
    let name = value.text ?? ""
    guard name.hasSuffix(ending) else {
      complaints.error(.wrongEnding(name, wanted: ending), at: value.place)
      return nil
    }
    let path = "\(folder)/\(name)"
    guard let bytes = files.contents[path] else {
      let names = files.contents.keys.filter { $0.hasPrefix("\(folder)/") && $0.hasSuffix(ending) }
      let near = nearest(to: name, in: names.map { String($0.dropFirst(folder.count + 1)) })
      complaints.error(.missingSource(path, near: near), at: value.place)
      return nil
    }
    return decodeText(bytes, file: path, into: &complaints).map {
      TextSource(name: path, text: $0, place: value.place)
    }
  }
}
