internal import HubKit
internal import HubRouting

extension ManifestBuilder {
  /// Makes a manifest of files from its checked keys.
  mutating func build(files: CheckedObject) -> FilesManifest {
    checkNames(of: files.objects("operations"), what: "operation")
    checkNames(of: files.objects("sources"), what: "source")
    return FilesManifest(
      base: template(files, "base"), isImplicit: files.string("tls") == "implicit",
      username: setting(files, "username", secret: false),
      password: files["password"] == nil ? nil : setting(files, "password"),
      privateKey: files["privateKey"] == nil ? nil : setting(files, "privateKey"),
      hostKey: files["hostKey"] == nil ? nil : setting(files, "hostKey", secret: false),
      sources: files.objects("sources").map { filesSource($0) },
      operations: files.objects("operations").map { filesOperation($0) })
  }

  private mutating func filesSource(_ object: CheckedObject) -> FilesSource {
    let name = object.string("name")
    if object["moveTo"] != nil, object.flag("delete") {
      complaints.error(.eitherOr("moveTo", "delete"), at: object.place("delete"))
    }
    let afterwards: FilesSource.Afterwards =
      object["moveTo"] != nil ? .move(template(object, "moveTo")) : object.flag("delete") ? .remove : .keep
    return FilesSource(
      name: name, folder: template(object, "folder"), pattern: object.string("pattern"),
      complete: object["marker"] == nil
        ? .settled(object.span("settled")) : .marker(template(object, "marker", ["name"])),
      afterwards: afterwards, refused: object["refusedTo"] == nil ? nil : template(object, "refusedTo"),
      event: texts.program(object, "event", key: "\(name).event")
        ?? texts.inline(Checked(value: .text("{}"), place: object.place), key: name))
  }

  private mutating func filesOperation(_ object: CheckedObject) -> FilesOperation {
    let values = values(of: object)
    return FilesOperation(
      name: object.string("name"), summary: object.string("summary"),
      path: template(object, "path", Self.deliveryNames + values.map { "values.\($0.name)" }), values: values,
      map: texts.mappings(object))
  }
}
