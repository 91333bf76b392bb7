internal import HubConfig
internal import HubKit
internal import HubTransform

extension SOAPBinding {
  /// Media type of a request (SOAP 1.1 section 6, SOAP 1.2 part 2 section 7.1.4).
  var mediaType: String {
    version == "1.1"
      ? "text/xml; charset=utf-8" : "application/soap+xml; charset=utf-8; action=\"\(action)\""
  }

  private var namespace: String {
    version == "1.1" ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope"
  }

  /// Puts an XML document inside an envelope.
  ///
  /// - Throws: ``InvalidMessage`` when the bytes are no XML, or have a document type.
  func wrapped(_ document: [UInt8]) throws(InvalidMessage) -> [UInt8] {
    _ = try XMLCodec().examine(BytesReader(document), limits: CodecLimits())
    let head = "<soapenv:Envelope xmlns:soapenv=\"\(namespace)\"><soapenv:Body>"
    return Array(("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + head).utf8) + Self.withoutDeclaration(document)
      + Array("</soapenv:Body></soapenv:Envelope>".utf8)
  }

  /// The document without byte-order mark and XML declaration, which may not stand inside another.
  private static func withoutDeclaration(_ document: [UInt8]) -> ArraySlice<UInt8> {
    var rest = document[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    guard rest.starts(with: Array("<?xml".utf8)), let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return rest }
    return rest[rest.index(after: end)...]
  }
}
