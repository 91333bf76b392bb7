internal import HubConfig
internal import HubKit
internal import HubTransform
internal import JSONWire

/// Puts messages into a far system's folder: under another name first, then moved, so that nobody there sees half of
/// one.
struct FilesOutbound: OutboundAdapter {
  private let far: FarFolder
  private let evaluation: ManifestEvaluation
  private let operations: [String: FilesOperation]

  init(far: FarFolder, evaluation: ManifestEvaluation) {
    self.far = far
    self.evaluation = evaluation
    operations = Dictionary(
      far.site.manifest.operations.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let operation = try delivery.operation(among: operations)
    let content = try await DeliveryContent(
      of: delivery, map: operation.map, values: operation.values,
      id: "\(far.context.endpoint)/\(operation.name)", by: evaluation)
    let path = try path(operation.path, delivery, content.values)
    if let reply = try await known(path, operation, content, delivery) { return reply }
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let hidden = path[...slash] + "." + path[path.index(after: slash)...] + ".part"
    _ = try await far.done(.write, String(hidden), body: content.body, timeout: try timeLeft(delivery))
    let moved = try await far.send(.move(to: path), String(hidden), timeout: try timeLeft(delivery))
    if moved.status == 200 { return Reply(code: "written", reference: path) }
    // An attempt before this one may have been the one that moved it.
    if let reply = try await known(path, operation, content, delivery) { return reply }
    throw AdapterError(
      .retry(after: nil), code: "not-moved", reason: "The file was written, and could not be given its name.")
  }

  /// Asks for a list of the folder into which the first operation writes, as far as it is known without a message.
  func probe() async throws(AdapterError) {
    let first = far.site.manifest.operations.first?.path.parts.first
    var folder = "/"
    if case .text(let text)? = first, let slash = text.lastIndex(of: "/") { folder = String(text[...slash]) }
    _ = try await far.done(.list, folder.hasPrefix("/") ? folder : "/\(folder)")
  }

  /// What is there under the name: the same is done already, and anything else is not ours to write over.
  private func known(
    _ path: String, _ operation: FilesOperation, _ content: DeliveryContent, _ delivery: Delivery
  ) async throws(AdapterError) -> Reply? {
    let there = try await far.send(.look, path, timeout: try timeLeft(delivery))
    guard there.status == 200, let file = there.file else { return nil }
    var isSame = file.byteCount == content.byteCount
    // A name that only this delivery has is this delivery's; any other may be that of a message of the same length.
    if isSame, !operation.path.names.contains("delivery.id") {
      let bytes: [UInt8] =
        switch content.body {
        case .bytes(let bytes): bytes
        case .stream: try await BodyBytes.read(delivery, limit: content.byteCount, on: .dispatch)
        }
      isSame = try await far.done(.read, path, timeout: try timeLeft(delivery)).body == bytes
    }
    guard isSame else {
      throw AdapterError(
        .reject, code: "name-taken",
        reason: "Another file has the name already: the path needs something that tells messages apart, such as "
          + "{delivery.id}.")
    }
    return Reply(code: "known", reference: path)
  }

  private func timeLeft(_ delivery: Delivery) throws(AdapterError) -> Duration {
    try delivery.timeLeft(at: far.context.clock.now)
  }

  private func path(
    _ template: HTTPTemplate, _ delivery: Delivery, _ values: [String: String]
  ) throws(AdapterError) -> String {
    var wrong: String?
    let path: String
    do throws(MissingValue) {
      path = try template.completed { name in
        if let setting = far.site.settings.plain(name) { return setting }
        guard let value = delivery.value(name, among: values) else { return nil }
        if value.contains("/") || value.hasPrefix("..") || !FarFolder.isName("x" + value) { wrong = name }
        return value
      }
    } catch {
      throw AdapterError(
        .reject, code: "missing-value", reason: "The path needs `{\(error.name)}`, and the message gives no value.")
    }
    if let wrong {
      throw AdapterError(
        .reject, code: "bad-path", reason: "The message's value of `{\(wrong)}` cannot stand in the name of a file.")
    }
    return path.hasPrefix("/") ? path : "/\(path)"
  }
}
