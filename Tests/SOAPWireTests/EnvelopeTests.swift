import HubKit
import SOAPWire
import Testing
import XMLWire

private func read(_ text: String) throws(InvalidMessage) -> SOAPEnvelope { try SOAPEnvelope.read(Array(text.utf8)) }

private func rule(_ text: String) -> String? {
  do {
    _ = try read(text)
    return nil
  } catch {
    return error.violations.first?.rule
  }
}

@Suite struct EnvelopeTests {
  private static let soap11 = "http://schemas.xmlsoap.org/soap/envelope/"
  private static let soap12 = "http://www.w3.org/2003/05/soap-envelope"

  @Test(arguments: SOAPVersion.allCases)
  func `a message is read as it was written`(_ version: SOAPVersion) throws {
    let block = XMLElement(
      XMLName("id", namespace: "urn:h"),
      attributes: [XMLAttribute(XMLName("mustUnderstand", namespace: version.namespace), "1")], text: "42")
    let call = XMLElement(XMLName("Hỏi", namespace: "urn:q"), text: "An & Bình")
    let envelope = SOAPEnvelope(version: version, header: [block], body: [call])
    let back = try SOAPEnvelope.read(try envelope.bytes(prefixes: [("h", "urn:h"), ("q", "urn:q")]))
    #expect(back.version == version)
    #expect(back.header.map(\.text) == ["42"])
    #expect(back.mandatoryHeader.map(\.name.local) == ["id"])
    #expect(back.body.map(\.rawText) == ["An & Bình"])
    #expect(back.body.first?.name.means("Hỏi", in: "urn:q") == true)
    #expect(back.fault == nil)
  }

  @Test func `a message without a header has none`() throws {
    let bytes = try SOAPEnvelope(body: []).bytes(prefixes: [])
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasSuffix("<soapenv:Envelope xmlns:soapenv=\"\(Self.soap11)\"><soapenv:Body/></soapenv:Envelope>\n"))
    #expect(try SOAPEnvelope.read(bytes).header.isEmpty)
  }

  @Test func `only a header that must be understood is mandatory`() throws {
    let envelope = try read(
      """
      <e:Envelope xmlns:e="\(Self.soap12)"><e:Header><a e:mustUnderstand="true"/><b e:mustUnderstand="0"/>\
      <c mustUnderstand="1"/><d/></e:Header><e:Body/></e:Envelope>
      """)
    #expect(envelope.mandatoryHeader.map(\.name.local) == ["a"])
  }

  @Test(arguments: [
    ("<Envelope/>", "soap-version"), ("<e:Envelope xmlns:e='urn:x'><e:Body/></e:Envelope>", "soap-version"),
    ("<a/>", "soap-structure"), ("<e:Envelope xmlns:e='\(soap11)'/>", "soap-structure"),
    ("<e:Envelope xmlns:e='\(soap11)'><Body/></e:Envelope>", "soap-structure"),
    ("<e:Envelope xmlns:e='\(soap11)'><e:Body/><e:Header/></e:Envelope>", nil),
    ("<e:Envelope xmlns:e='\(soap12)'><e:Body/><x/></e:Envelope>", "soap-structure"),
    ("<e:Envelope xmlns:e='\(soap11)'><e:Header/><e:Header/><e:Body/></e:Envelope>", "soap-structure"),
    ("<!DOCTYPE a><e:Envelope xmlns:e='\(soap11)'><e:Body/></e:Envelope>", "dtd-not-allowed"), ("", "xml-empty"),
  ])
  func `parts stand where SOAP wants them`(_ text: String, _ expected: String?) {
    #expect(rule(text) == expected)
  }

  @Test func `limits are the caller's`() {
    let text = "<e:Envelope xmlns:e='\(Self.soap11)'><e:Body><a><b/></a></e:Body></e:Envelope>"
    #expect(throws: InvalidMessage.self) {
      try SOAPEnvelope.read(Array(text.utf8), limits: XMLLimits(depthMax: 3))
    }
  }
}

@Suite struct FaultTests {
  @Test(arguments: SOAPVersion.allCases, SOAPFault.Side.allCases)
  func `a fault is read as it was written`(_ version: SOAPVersion, _ side: SOAPFault.Side) throws {
    let code = XMLElement(XMLName("MaLoi", namespace: "urn:m"), text: "7")
    let fault = SOAPFault(side, reason: "Không được", detail: XMLElement(XMLName("any"), children: [code]))
    let envelope = SOAPEnvelope(version: version, body: [fault.element(version: version)])
    let back = try #require(try SOAPEnvelope.read(try envelope.bytes(prefixes: [("m", "urn:m")])).fault)
    #expect(back.side == side)
    #expect(back.reason == "Không được")
    #expect(back.detail?.value("MaLoi") == "7")
    #expect(back.subcodes.isEmpty)
  }

  @Test func `what stands behind a dot narrows a code of SOAP 1.1`() throws {
    let envelope = try read(
      """
      <e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>\
      <faultcode>e:Client.Authentication</faultcode><faultstring>no</faultstring></e:Fault></e:Body></e:Envelope>
      """)
    #expect(envelope.fault?.side == .client)
    #expect(envelope.fault?.code == "Client.Authentication")
    #expect(envelope.fault?.detail == nil)
  }

  @Test func `codes below a code of SOAP 1.2 are read in order`() throws {
    let envelope = try read(
      """
      <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>\
      <e:Subcode><e:Value>m:A</e:Value><e:Subcode><e:Value>m:B</e:Value></e:Subcode></e:Subcode></e:Code>\
      <e:Reason><e:Text xml:lang="en">no</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>
      """)
    #expect(envelope.fault?.side == .client)
    #expect(envelope.fault?.subcodes == ["A", "B"])
  }

  @Test func `a fault that says nothing is still a fault`() throws {
    let envelope = try read(
      "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault/></e:Body></e:Envelope>")
    #expect(envelope.fault != nil)
    #expect(envelope.fault?.side == nil)
  }
}
