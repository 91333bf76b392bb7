public import HubKit
public import XMLWire

/// A SOAP message: header blocks and body, whatever they mean. Knows bytes only.
public struct SOAPEnvelope: Sendable, Hashable {
  /// The version that it is written in.
  public var version: SOAPVersion
  /// Header blocks in order.
  public var header: [XMLElement]
  /// What stands in the body, in order.
  public var body: [XMLElement]

  /// Creates a message.
  public init(version: SOAPVersion = .v11, header: [XMLElement] = [], body: [XMLElement] = []) {
    self.version = version
    self.header = header
    self.body = body
  }

  /// Reads a message of either version.
  ///
  /// - Throws: ``InvalidMessage``: the rules of ``XMLTree/read(_:limits:expected:)``, `soap-version` for an Envelope of
  ///   no known version, `soap-structure` when the parts are not where SOAP wants them.
  public static func read(
    _ bytes: [UInt8], limits: XMLLimits = XMLLimits()
  ) throws(InvalidMessage) -> SOAPEnvelope {
    let root = try XMLTree.read(bytes, limits: limits, expected: "a SOAP envelope")
    guard root.name.local == "Envelope" else {
      throw InvalidMessage(rule: "soap-structure", "the root element is no SOAP Envelope")
    }
    guard let version = SOAPVersion(namespace: root.name.namespace) else {
      throw InvalidMessage(rule: "soap-version", "the Envelope is neither of SOAP 1.1 nor of SOAP 1.2")
    }
    var parts = root.children[...]
    var envelope = SOAPEnvelope(version: version)
    if let first = parts.first, first.name.means("Header", in: version.namespace) {
      envelope.header = first.children
      parts = parts.dropFirst()
    }
    guard let body = parts.first, body.name.means("Body", in: version.namespace) else {
      throw InvalidMessage(rule: "soap-structure", "the Envelope has no Body where SOAP wants it")
    }
    // SOAP 1.1 section 4.1.1 lets other elements follow; 1.2 does not (part 1, section 5.1).
    guard version == .v11 || parts.count == 1 else {
      throw InvalidMessage(rule: "soap-structure", "elements follow the Body, which SOAP 1.2 does not allow")
    }
    envelope.body = body.children
    return envelope
  }

  /// Writes the message in UTF-8.
  ///
  /// - Parameter prefixes: prefixes of the namespaces in header and body; `soapenv` is taken.
  /// - Throws: ``InvalidMessage`` when a namespace has no prefix, or a name or character cannot stand in XML.
  public func bytes(prefixes: [(prefix: String, namespace: String)]) throws(InvalidMessage) -> [UInt8] {
    let headerElement = header.isEmpty ? [] : [XMLElement(soap("Header"), children: header)]
    let root = XMLElement(
      soap("Envelope"), children: headerElement + [XMLElement(soap("Body"), children: body)])
    return try XMLWriter.document(root, prefixes: [("soapenv", version.namespace)] + prefixes)
  }

  /// Header blocks that whoever reads the message must understand or refuse it (SOAP 1.1 section 4.2.3, SOAP 1.2
  /// part 1 section 5.2.3).
  public var mandatoryHeader: [XMLElement] {
    header.filter { block in
      block.attributes.contains {
        $0.name.means("mustUnderstand", in: version.namespace) && ["1", "true"].contains($0.value)
      }
    }
  }

  private func soap(_ local: String) -> XMLName { XMLName(local, namespace: version.namespace) }
}
