internal import EdXMLWire
public import HubKit

/// edXML of QCVN 102:2016, recognised by its root element whatever the sender called it.
public struct EdXMLCodec: Codec {
  /// Name in configuration and records.
  public let name = "edxml"

  /// Signers, clerks, and how to reach them.
  public let personalPaths = [
    "/signerInfo/fullName", "/staffInfo/staff", "/staffInfo/email", "/staffInfo/mobile",
    "/traceHeaderList/bussiness/staffInfo/staff", "/traceHeaderList/bussiness/staffInfo/email",
    "/traceHeaderList/bussiness/staffInfo/mobile", "/from/email", "/from/telephone", "/from/fax", "/to/*/email",
    "/to/*/telephone", "/to/*/fax",
  ]

  /// Creates the codec.
  public init() {}

  /// Whether the first element is `edXML`; malformed documents count, so that they get a diagnosis.
  public func recognises(mediaType: String?, prefix: [UInt8]) -> Bool { EdXMLReader.looksLikeEdXML(prefix) }

  /// Checks the whole message, attachments included.
  public func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    try EdXMLReader.examine(body, limits: limits)
  }

  /// Turns a message into its canonical document; the shape is in README.md.
  public func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    let message = try EdXMLReader.read(body, into: store, limits: limits)
    let json = CanonicalEdXML.json(of: message).text
    guard json.utf8.count <= limits.documentBytesMax else {
      throw InvalidMessage(
        rule: "document-too-large", "the canonical document is longer than the \(limits.documentBytesMax) bytes allowed"
      )
    }
    return Document(json: Array(json.utf8), attachments: message.attachments.map(\.body))
  }

  /// Turns a canonical document into edXML, in the standard's order.
  public func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage) {
    let message = try CanonicalEdXML.message(of: document)
    try EdXMLWriter.write(message, from: store, into: writer)
  }
}
