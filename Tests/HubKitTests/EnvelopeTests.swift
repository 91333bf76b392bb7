import FoundationEssentials
import HubKit
import Testing

@Suite struct EnvelopeTests {
  private func envelope(_ extensions: [String: String] = [:]) -> Envelope {
    Envelope(
      id: "1", source: "/one-stop", type: "vn.haiphong.dossier.progress", extensions: extensions)
  }

  private func codes(_ texts: String...) throws -> [OrganisationCode] {
    try texts.map { try #require(OrganisationCode($0)) }
  }

  @Test func `Attributes stand in the order of the specification, extensions by name after them`() {
    var full = envelope(["traceparent": "00-1", "partitionkey": "H24"])
    full.subject = "G01.2"
    full.time = Timestamp(seconds: 0)
    full.dataContentType = "application/json"
    full.dataSchema = "urn:schema"
    #expect(
      full.attributes.map(\.name) == [
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
        "partitionkey",
        "traceparent",
      ])
    #expect(
      full.attributes.map(\.value) == [
        "1.0", "1", "/one-stop", "vn.haiphong.dossier.progress", "G01.2",
        "1970-01-01T00:00:00.000Z", "application/json",
        "urn:schema", "H24", "00-1",
      ])
  }

  @Test func `Attributes that are absent are left out`() {
    #expect(envelope().attributes.map(\.name) == ["specversion", "id", "source", "type"])
  }

  @Test func `Every listed attribute is found by its name, others are not`() {
    var full = envelope(["official": "nguyen-van-a"])
    full.subject = "G01.2"
    for (name, value) in full.attributes { #expect(full[name] == value) }
    for name in ["time", "dataschema", "receiver", "ID", ""] { #expect(full[name] == nil) }
  }

  @Test func `Receivers are read in their order, trimmed, once each, without what is no code`()
    throws
  {
    let many = envelope(["receiver": " H24.3 ,H24.1,, H24.3,không phải mã,000.00.12.H24 "])
    #expect(try many.receivers == codes("H24.3", "H24.1", "000.00.12.H24"))
    #expect(many.receiverTexts == ["H24.3", "H24.1", "H24.3", "không phải mã", "000.00.12.H24"])
  }

  @Test(arguments: ["", ",", ",,,"])
  func `A list of nothing has no receivers`(text: String) {
    #expect(envelope(["receiver": text]).receivers.isEmpty)
    #expect(envelope(["receiver": text]).receiverTexts.isEmpty)
  }

  @Test func `Receivers that are set are read back; an empty list takes the attribute away`() throws {
    var one = envelope()
    one.receivers = try codes("H24.3", "H24.1")
    #expect(one["receiver"] == "H24.3,H24.1")
    #expect(try one.receivers == codes("H24.3", "H24.1"))
    one.receivers = []
    #expect(one["receiver"] == nil)
  }

  @Test func `The sender is read from its attribute, and a bad one is none`() throws {
    var one = envelope(["sender": "H24 1"])
    #expect(one.sender == nil)
    one.sender = try codes("H24.1").first
    #expect(one["sender"] == "H24.1")
    one.sender = nil
    #expect(one.extensions.isEmpty)
  }

  @Test func `Expiry is a time with any offset, and nothing when it is no time`() {
    #expect(envelope(["expirytime": "1970-01-01T07:00:01+07:00"]).expiry == Timestamp(seconds: 1))
    #expect(envelope(["expirytime": "tomorrow"]).expiry == nil)
    #expect(envelope().expiry == nil)
  }

  @Test func `Names of extensions keep to lower-case letters and digits`() {
    let names = [
      ExtensionName.sender, ExtensionName.receiver, ExtensionName.service,
      ExtensionName.orderingKey,
      ExtensionName.purpose, ExtensionName.official, ExtensionName.expiry,
      ExtensionName.classification,
      ExtensionName.traceParent, ExtensionName.traceState,
    ]
    #expect(Set(names).count == names.count)
    for name in names {
      #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) })
    }
  }

  @Test func `An envelope survives JSON`() throws {
    var full = envelope(["sender": "H24.1", "receiver": "H24.3"])
    full.time = Timestamp(seconds: 1_795_420_800)
    full.subject = "Đề án “số”"
    #expect(try JSONDecoder().decode(Envelope.self, from: JSONEncoder().encode(full)) == full)
  }
}
