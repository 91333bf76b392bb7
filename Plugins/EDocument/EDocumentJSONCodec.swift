internal import EdXMLWire
public import HubKit

/// Documents and status messages for systems that do not speak edXML: the canonical document of README.md, with each
/// attachment's bytes as base64 in its member `data`. A guise of edXML, told by its event types.
public struct EDocumentJSONCodec: Codec {
  /// Name in configuration and records.
  public let name = "edocument-json"

  /// As in edXML: the two share a canonical document.
  public var personalPaths: [String] { EdXMLCodec().personalPaths }

  /// The hub keeps edXML.
  public let guise: Guise? = Guise(
    of: "edxml", keptMediaType: "application/xml", mediaType: "application/json",
    types: [
      "\(EdXMLMessage.documentType).json": EdXMLMessage.documentType,
      "\(EdXMLMessage.statusType).json": EdXMLMessage.statusType,
    ])

  /// Creates the codec.
  public init() {}

  /// Never: the bytes are JSON like any other. The event type tells.
  public func recognises(mediaType: String?, prefix: [UInt8]) -> Bool { false }

  /// Says what the edXML would say that the document stands for.
  public func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    let store = MemoryBodyStore()
    let edXML = EdXMLCodec()
    let writer = BytesWriter()
    try edXML.encode(try decode(body, into: store, limits: limits), from: store, into: writer, limits: limits)
    return try edXML.examine(BytesReader(writer.bytes), limits: limits)
  }

  /// Takes the attachments out while the body is read; the rest is the canonical document.
  public func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    var reading = InlineAttachments(store: store, limits: limits)
    try reading.read(body)
    let json = try JSONValue.parse(reading.rest)
    guard case .object(var members) = json else {
      throw InvalidMessage(rule: "edocument-json", "an object was expected", path: "")
    }
    var attachments: [Body] = []
    for (position, member) in members.enumerated() where member.key == "attachments" {
      let list = try member.value.elements.enumerated().map { (index, value) throws(InvalidMessage) in
        attachments.append(try reading.body(at: index, described: value))
        return Self.indexed(value, index)
      }
      members[position].value = .list(list)
    }
    let document = Document(json: Array(JSONValue.object(members).text.utf8), attachments: attachments)
    // Names what has no place in edXML while the pointers are still those of the sender.
    _ = try CanonicalEdXML.message(of: document)
    return document
  }

  /// Writes the canonical document; attachments are read while they are written.
  public func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage) {
    guard case .object(let members) = try JSONValue.parse(document.json) else {
      throw InvalidMessage(rule: "edocument-json", "an object was expected", path: "")
    }
    do throws(BodyError) {
      var separator = "{"
      for (key, value) in members {
        try writer.write(Array("\(separator)\(JSONValue.text(key).text):".utf8))
        separator = ","
        if key == "attachments" {
          try Self.write(value.elements, of: document, from: store, into: writer)
        } else {
          try writer.write(Array(value.text.utf8))
        }
      }
      try writer.write(Array((members.isEmpty ? "{}" : "}").utf8))
    } catch {
      throw InvalidMessage(rule: "body", "the document cannot be written: \(error)")
    }
  }

  private static func write(
    _ attachments: [JSONValue], of document: Document, from store: any BodyStore, into writer: any BodyWriter
  ) throws(BodyError) {
    try writer.write(Array("[".utf8))
    for (position, value) in attachments.enumerated() {
      guard case .object(let members) = value else { continue }
      let index = value["index"]?.scalar.flatMap { Int($0) } ?? position
      let names = JSONValue.object(members.filter { $0.key != "index" }).text.dropLast()
      let front = (position > 0 ? "," : "") + names + (names == "{" ? "" : ",") + "\"data\":\""
      let body = document.attachments.indices.contains(index) ? document.attachments[index] : .empty
      let text = Base64Reader(try store.reader(of: body), front: Array(front.utf8), back: Array("\"}".utf8))
      while true {
        let part = try text.read(upTo: 64 << 10)
        guard !part.isEmpty else { break }
        try writer.write(part)
      }
    }
    try writer.write(Array("]".utf8))
  }

  /// The place in the list counts, whatever number the sender gave.
  private static func indexed(_ value: JSONValue, _ index: Int) -> JSONValue {
    guard case .object(let members) = value else { return value }
    let others = members.filter { !["data", "index"].contains($0.key) }
    return .object([("index", .number(String(index)))] + others)
  }
}
