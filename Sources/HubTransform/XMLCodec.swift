public import HubKit

/// XML 1.0 without a document type, as JSON that keeps elements, attributes, text and their order.
///
/// The JSON form, for authors of mappings:
/// - the document is an object with one member, named as the root element, prefix included;
/// - an element is an object; its attributes, namespace declarations among them, are members whose names begin with
///   `@`; its text is the member `#text`, absent when there is none;
/// - child elements are members named as they are, and each is **always an array** of elements, so that a program need
///   not ask whether there were one or many: `.hoSo.ten[0]["#text"]`;
/// - `#order` tells the order of children where the members cannot: when children of one name do not stand together,
///   or when text stands between children. It is an array of names and of objects `{"#text": "..."}`.
///
/// White space between child elements, comments and processing instructions are not kept. Going back, a plain string,
/// number, true or false may stand for an element that only has text, null for an empty one, and a single element for
/// an array of one.
public struct XMLCodec: Codec {
  /// Creates the codec.
  public init() {}

  /// `xml`.
  public var name: String { "xml" }

  /// By media type; a body of no or of no particular type by its first character.
  public func recognises(mediaType: String?, prefix: [UInt8]) -> Bool {
    if let mediaType, mediaType != "application/octet-stream" {
      return mediaType == "application/xml" || mediaType == "text/xml" || mediaType.hasSuffix("+xml")
    }
    return firstByte(of: prefix) == UInt8(ascii: "<")
  }

  /// Checks syntax from front to back; memory does not grow with the body.
  public func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    try XMLScan(depthMax: limits.depthMax).read(body)
    return Examination()
  }

  /// Turns XML into the JSON form.
  public func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    let bytes = try wholeDocument(body, limits: limits)
    let builder = XMLFormBuilder()
    try XMLScan(depthMax: limits.depthMax).read(BytesReader(bytes), into: builder)
    let json = builder.document.json
    guard json.count <= limits.documentBytesMax else {
      throw InvalidMessage(
        rule: "document-too-large", "as JSON the document has more than \(limits.documentBytesMax) bytes")
    }
    return Document(json: json)
  }

  /// Turns the JSON form back into XML, in UTF-8 with a declaration.
  public func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage) {
    let tree = try JSONTree(document.json, depthMax: limits.depthMax * 2 + 2)
    var text = XMLFormWriter()
    try text.write(document: tree)
    try XMLScan(depthMax: limits.depthMax).read(BytesReader(text.bytes))
    try HubTransform.write(text.bytes, to: writer)
  }
}
