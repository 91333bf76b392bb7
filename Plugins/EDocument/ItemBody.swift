internal import EdXMLWire
internal import HubKit

/// The bytes of one received item.
struct ItemBody: Sendable {
  var body: Body
  /// What its header says; nil when it is no edXML.
  var header: EdXMLMessage?
  /// Why the axis' text could not be decoded; nil when it could.
  var diagnosis: String?

  /// Looks at an item that was fetched.
  init(_ item: AxisItemBody, in bodies: any BodyStore) throws(BodyError) {
    body = item.body
    guard item.isWhole else {
      diagnosis =
        "getEdoc gave a text that is no whole base64 (\(item.characterCount) characters): it was cut off or damaged "
        + "on the axis"
      return
    }
    header = try? EdXMLReader.header(of: try bodies.reader(of: body))
  }
}
