import HubKit
import HubTesting
import HubTransform
import Testing

@Suite struct JSONCodecTests {
  let codec = JSONCodec()

  @Test func itKnowsJSONByTypeOrByItsFirstCharacter() {
    #expect(codec.recognises(mediaType: "application/json", prefix: []))
    #expect(codec.recognises(mediaType: "application/cloudevents+json", prefix: []))
    #expect(codec.recognises(mediaType: nil, prefix: Array("\u{FEFF} \n{".utf8)))
    #expect(codec.recognises(mediaType: "application/octet-stream", prefix: Array("[".utf8)))
    #expect(!codec.recognises(mediaType: "application/xml", prefix: Array("{".utf8)))
    #expect(!codec.recognises(mediaType: nil, prefix: Array("<a/>".utf8)))
  }

  @Test(arguments: [
    ("{\"a\":1,\n \"b\" 2}", "json-syntax", 2, 6), ("{\"a\":\n  tru}", "json-syntax", 2, 6), ("", "json-syntax", 1, 1),
    ("[1,]", "json-syntax", 1, 4), ("{\"ế\":1,\n\"ế\":2}", "json-duplicate-name", 2, 1),
    ("[\"ế\\ud800\"]", "json-surrogate", 1, 10), ("{\"a\":\"chưa đóng", "json-syntax", 1, 6),
    ("[\"Hồ sơ\",\n\"a\tb\"]", "json-syntax", 2, 3), ("{} x", "json-syntax", 1, 4), ("[01]", "json-syntax", 1, 3),
    ("[1e999]", "json-number", 1, 6), ("[\n\n[[[[[1]]]]]]", "json-depth", 3, 5), ("{\"a\" \"b\"}", "json-syntax", 1, 6),
  ])
  func whatIsWrongIsToldWithLineAndColumn(text: String, rule: String, line: Int, column: Int) {
    let found = violation(codec, Array(text.utf8), depthMax: 5)
    #expect(found?.rule == rule, "\(String(describing: found))")
    #expect(found?.line == line, "\(String(describing: found))")
    #expect(found?.column == column, "\(String(describing: found))")
  }

  @Test func wordsAreSaidPlainlyAndQuoteNothing() {
    let found = violation(codec, Array(#"{"ten":"Phạm Thử" "x":1}"#.utf8))
    #expect(found?.message == "not JSON, in an object: unexpected a string; expected '}'")
    #expect(violation(codec, Array("[\"Phạm\u{1}\"]".utf8))?.message.contains("Phạm") == false)
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    for bytes: [UInt8] in [[0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE1, 0xBB, 0x22]] {
      #expect(violation(codec, bytes)?.rule == "json-utf8")
    }
  }

  @Test func goodJSONPassesAndIsTheDocumentItself() throws {
    let text = "\u{FEFF}{\"a\":[1,2.50,\"\\ud83d\\ude00\",null,true,{}]}"
    #expect(violation(codec, Array(text.utf8)) == nil)
    let document = try codec.decode(BytesReader(Array(text.utf8)), into: MemoryBodyStore(), limits: CodecLimits())
    #expect(document.json == Array(text.utf8.dropFirst(3)))
    let writer = BytesWriter()
    try codec.encode(document, from: MemoryBodyStore(), into: writer, limits: CodecLimits())
    #expect(writer.bytes == document.json)
  }

  @Test func aDocumentOverItsLimitIsNotDecoded() {
    #expect(throws: InvalidMessage.self) {
      _ = try codec.decode(
        BytesReader(Array("[1,2,3]".utf8)), into: MemoryBodyStore(), limits: CodecLimits(documentBytesMax: 3))
    }
  }

  @Test func hostileJSONIsStoppedEarly() {
    #expect(violation(codec, Array(repeating: UInt8(ascii: "["), count: 10 << 20))?.rule == "json-depth")
    let names = "{" + (0..<100_001).map { "\"n\($0)\":0" }.joined(separator: ",") + "}"
    #expect(violation(codec, Array(names.utf8))?.rule == "json-members")
    let long = "[\"" + String(repeating: "x", count: 4 << 20) + "\"]"
    #expect(violation(codec, Array(long.utf8)) == nil)
  }

  @Test func randomBytesNeverDoHarm() {
    var random = SeededRandom(seed: 7)
    let pieces = ["{", "}", "[", "]", "\"", ":", ",", "1", "e", "-", "\\u", "d800", "true", "\u{1EBF}", " ", "\n"]
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0..<30, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
      var bytes = Array(text.joined().utf8)
      if let place = bytes.indices.randomElement(using: &random), Bool.random(using: &random) {
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      if let found = violation(codec, bytes) {
        #expect((found.line ?? 0) >= 1 && (found.column ?? 0) >= 1 && !found.message.isEmpty)
      }
    }
  }
}

@Suite struct XMLCodecTests {
  let codec = XMLCodec()

  private func json(_ xml: String) throws -> String {
    let body = BytesReader(Array(xml.utf8))
    return String(
      decoding: try codec.decode(body, into: MemoryBodyStore(), limits: CodecLimits()).json, as: UTF8.self)
  }

  private func xml(_ json: String) throws -> String {
    let writer = BytesWriter()
    try codec.encode(
      Document(json: Array(json.utf8)), from: MemoryBodyStore(), into: writer, limits: CodecLimits())
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func itKnowsXMLByTypeOrByItsFirstCharacter() {
    #expect(codec.recognises(mediaType: "text/xml", prefix: []))
    #expect(codec.recognises(mediaType: "application/soap+xml", prefix: []))
    #expect(codec.recognises(mediaType: nil, prefix: Array("\u{FEFF}\n<a/>".utf8)))
    #expect(!codec.recognises(mediaType: "application/json", prefix: Array("<".utf8)))
  }

  @Test(arguments: [
    ("<a>\n<b></a>", "xml-syntax", 2), ("<!DOCTYPE a><a/>", "dtd-not-allowed", 1),
    ("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x \"y\">]>\n<a>&x;</a>", "dtd-not-allowed", 2),
    ("<a>\n\n&hoso;</a>", "entity-not-allowed", 3), ("<a>\n<a><a><a><a><a/></a></a></a></a></a>", "xml-depth", 2),
    ("", "xml-syntax", 1), ("<a/>\n<b/>", "xml-syntax", 2), ("<a b='1' b='2'/>", "xml-syntax", 1),
    ("<x:a/>", "xml-syntax", 1), ("<a>\u{1}</a>", "xml-syntax", 1),
    ("<?xml version='1.0' encoding='khong-co'?><a/>", "xml-encoding", 1), ("not xml", "xml-syntax", 1),
  ])
  func whatIsWrongIsToldWithLineAndColumn(text: String, rule: String, line: Int) {
    let found = violation(codec, Array(text.utf8), depthMax: 5)
    #expect(found?.rule == rule, "\(String(describing: found))")
    #expect(found?.line == line, "\(String(describing: found))")
    #expect((found?.column ?? 0) >= 1, "\(String(describing: found))")
  }

  @Test func bytesThatAreNotUTF8AreRefusedAndNotQuoted() {
    let found = violation(codec, Array("<a>Ph".utf8) + [0xC0, 0xAF] + Array("m</a>".utf8))
    #expect(found?.rule == "xml-encoding")
    #expect(found?.message.contains("0x") == false)
  }

  @Test func predefinedEntitiesAndCharacterReferencesAreFine() throws {
    #expect(try json("<a>&amp;&lt;&gt;&quot;&apos;&#7871;</a>") == ##"{"a":{"#text":"&<>\"'ế"}}"##)
  }

  @Test func theFormKeepsAttributesOrderAndText() throws {
    let pairs = [
      ("<a/>", #"{"a":{}}"#), ("<a b=\"1\">x</a>", ##"{"a":{"@b":"1","#text":"x"}}"##),
      ("<a><b>1</b><b>2</b><c/></a>", ##"{"a":{"b":[{"#text":"1"},{"#text":"2"}],"c":[{}]}}"##),
      ("<a><b/><c/><b/></a>", ##"{"a":{"b":[{},{}],"c":[{}],"#order":["b","c","b"]}}"##),
      ("<a>x<b/>y</a>", ##"{"a":{"#text":"xy","b":[{}],"#order":[{"#text":"x"},"b",{"#text":"y"}]}}"##),
      ("<n:a xmlns:n=\"urn:n\" n:k=\"&lt;\"/>", #"{"n:a":{"@xmlns:n":"urn:n","@n:k":"<"}}"#),
    ]
    for (text, form) in pairs {
      #expect(try json(text) == form)
      #expect(try xml(form) == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(text)\n")
    }
  }

  @Test func mappingsMayWriteTheFormShort() throws {
    #expect(
      try xml(#"{"a":{"b":"x<","c":[1,true,null],"d":{"@k":2}}}"#).contains(
        "<a><b>x&lt;</b><c>1</c><c>true</c><c/><d k=\"2\"/></a>"))
  }

  @Test(arguments: [
    "{}", "[]", #"{"a":1,"b":2}"#, #"{"a b":1}"#, #"{"a":{"@":1}}"#, #"{"a":{"@b":{}}}"#, #"{"a":"\u0001"}"#,
    #"{"x:a":1}"#, ##"{"a":{"b":1,"#order":[]}}"##, ##"{"a":{"#order":["b"]}}"##, #"{"a":[1]}"#, #"{"1":1}"#,
  ])
  func whatIsNoFormIsRefused(form: String) {
    #expect(throws: InvalidMessage.self) { _ = try xml(form) }
  }

  @Test func bombsAndFloodsAreStoppedEarly() {
    let bomb =
      "<!DOCTYPE a [<!ENTITY a0 \"ha\">"
      + (1..<40).map { "<!ENTITY a\($0) \"&a\($0 - 1);&a\($0 - 1);\">" }
      .joined() + "]><a>&a39;</a>"
    #expect(violation(codec, Array(bomb.utf8))?.rule == "dtd-not-allowed")
    #expect(violation(codec, Array(String(repeating: "<a>", count: 1 << 20).utf8))?.rule == "xml-depth")
    let long = "<a>" + String(repeating: "x", count: 12 << 20) + "</a>"
    #expect(violation(codec, Array(long.utf8)) == nil)
    var wide: [UInt8] = [0xFF, 0xFE]
    for unit in "<?xml version='1.0' encoding='UTF-16'?><a>ế</a>".utf16 {
      wide += [UInt8(unit & 255), UInt8(unit >> 8)]
    }
    #expect(violation(codec, wide) == nil)
  }

  @Test func randomBytesNeverDoHarm() {
    var random = SeededRandom(seed: 11)
    let pieces = [
      "<", ">", "a", "/", "<a>", "</a>", "&", ";", "&#1;", "\"", "=", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
      " ", "\u{1EBF}",
    ]
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0..<30, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
      var bytes = Array(text.joined().utf8)
      if let place = bytes.indices.randomElement(using: &random), Bool.random(using: &random) {
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      if let found = violation(codec, bytes) { #expect(!found.message.isEmpty) }
    }
  }
}
