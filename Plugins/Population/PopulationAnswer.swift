internal import FoundationEssentials
internal import HubKit
internal import SOAPWire
internal import XMLWire

/// The elements that an answer brought, once it is known that it is one.
struct PopulationAnswer {
  private let elements: [XMLElement]

  /// Largest answer read, in bytes; one person is a few kilobytes.
  static let bytesMax = 1 << 20
  private static let limits = XMLLimits(depthMax: 24, textBytesMax: 512 * 1024)

  /// Reads a response.
  ///
  /// - Throws: ``AdapterError`` for whatever is no answer: the status, a fault, a page of HTML, hostile XML, nothing.
  init(_ response: OutboundResponse, wrapping: PopulationSettings.Wrapping) throws(AdapterError) {
    let failure = PopulationVerdict.of(status: response.status, retryAfter: response.retryAfter())
    do throws(AdapterError) {
      elements =
        switch wrapping {
        case .soap: try Self.soap(response)
        case .json: try Self.wrapped(response)
        }
    } catch {
      // A fault says more than the status that it came with; a body that says nothing says less.
      if let failure, case .inDoubt = error.verdict { throw failure }
      throw error
    }
    if let failure { throw failure }
  }

  private static func soap(_ response: OutboundResponse) throws(AdapterError) -> [XMLElement] {
    try checkPresence(response)
    let envelope = try parsed { () throws(InvalidMessage) in try SOAPEnvelope.read(response.body, limits: limits) }
    if let fault = envelope.fault { throw PopulationVerdict.of(fault) }
    guard envelope.mandatoryHeader.isEmpty else {
      throw PopulationVerdict.noAnswer("must-understand", "has a header that must be understood, and is not known here")
    }
    return envelope.body
  }

  private static func checkPresence(_ response: OutboundResponse) throws(AdapterError) {
    guard response.body.contains(where: { $0 > 0x20 }) else {
      throw PopulationVerdict.noAnswer("empty-answer", "is empty")
    }
    let mediaType = (response.headers["Content-Type"] ?? "").lowercased()
    let front = String(decoding: response.body.prefix(512), as: UTF8.self).trimmingWhiteSpace().lowercased()
    guard !mediaType.hasPrefix("text/html"), !front.hasPrefix("<!doctype html"), !front.hasPrefix("<html") else {
      throw PopulationVerdict.noAnswer(
        "html-answer", "is a web page: a proxy or gateway on the way answered in its place")
    }
  }

  /// Only rule and place of a mistake go on: libxml2's words may quote what they are about.
  private static func parsed<Value>(_ read: () throws(InvalidMessage) -> Value) throws(AdapterError) -> Value {
    do throws(InvalidMessage) { return try read() } catch {
      let violation = error.violations.first
      let rule = violation?.rule ?? "xml-syntax"
      let place = [violation?.line, violation?.column].compactMap { $0.map(String.init) }.joined(separator: ":")
      throw PopulationVerdict.noAnswer(
        rule, "cannot be read: it breaks the rule \(rule)", cause: place.isEmpty ? nil : "line:column \(place)")
    }
  }

  // MARK: - JSON

  private struct Wrapper: Decodable {
    var code: String
    var message: String?

    enum CodingKeys: String, CodingKey {
      case code = "error_code"
      case message
    }

    /// Gateways write the code as a number or as a text.
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      if let number = try? container.decode(Int.self, forKey: .code) {
        code = String(number)
      } else {
        code = try container.decode(String.self, forKey: .code)
      }
      message = try container.decodeIfPresent(String.self, forKey: .message)
    }
  }

  private static func wrapped(_ response: OutboundResponse) throws(AdapterError) -> [XMLElement] {
    try checkPresence(response)
    guard let wrapper = try? JSONDecoder().decode(Wrapper.self, from: Data(response.body)) else {
      throw PopulationVerdict.noAnswer("json-syntax", "is not the JSON object that was expected: check wrapping")
    }
    guard ["0", "00", "200", "SUCCESSFUL"].contains(wrapper.code) else {
      throw PopulationVerdict.of(code: wrapper.code)
        ?? AdapterError(
          .retry(after: nil), code: "population-gateway",
          reason: "The gateway before the population database reports an error whose meaning is not published.",
          cause: "error_code \(PopulationVerdict.shown(wrapper.code))")
    }
    let text = (wrapper.message ?? "").trimmingWhiteSpace()
    guard !text.isEmpty else { throw PopulationVerdict.noAnswer("empty-answer", "is empty") }
    let root = try parsed { () throws(InvalidMessage) in
      try XMLTree.read(Array(text.utf8), limits: limits)
    }
    guard root.name.local == "Envelope" else { return [root] }
    let response = OutboundResponse(status: response.status, body: Array(text.utf8))
    return try soap(response)
  }

  // MARK: - What it says

  /// Refuses the answer to another question. A service that does not repeat MaYeuCau is believed.
  func check(requestID: String) throws(AdapterError) {
    let named = elements.flatMap { $0.all { $0.name.local == "MaYeuCau" } }.map(\.text)
    guard named.allSatisfy({ $0 == requestID }) else {
      throw PopulationVerdict.noAnswer("other-request", "is for another MaYeuCau; it was thrown away")
    }
  }

  /// Whether number, name and date of birth belong to one person.
  func match() throws(AdapterError) -> Bool {
    let results = elements.flatMap { $0.all { $0.name.local == "KetQuaXacThuc" } }
    guard let result = results.first, results.count == 1,
      [PopulationNamespace.data, PopulationNamespace.request].contains(result.name.namespace)
    else { throw Self.otherSchema }
    switch result.value("TonTai") {
    case "true", "1": return true
    case "false", "0": return false
    default: throw Self.otherSchema
    }
  }

  /// The person; nil when the database has none like that.
  ///
  /// - Parameter number: a twelve-digit number that was asked for: nobody else's record may pass.
  func citizen(number: PopulationQuestion.Number) throws(AdapterError) -> XMLElement? {
    let collections = elements.flatMap { $0.all { $0.name.local == "CongdanCollection" } }
    guard let collection = collections.first, collections.count == 1,
      collection.name.namespace == PopulationNamespace.data,
      collection.children.allSatisfy({ $0.name.means("CongDan", in: PopulationNamespace.data) })
    else { throw Self.otherSchema }
    guard collection.children.count <= 1 else {
      throw PopulationVerdict.noAnswer("several-persons", "names several persons for one; it was thrown away")
    }
    guard let citizen = collection.children.first else { return nil }
    let (element, asked) =
      switch number {
      case .personal(let text): ("SoDinhDanh", text)
      case .old(let text): ("SoCMND", text)
      }
    guard citizen.value(element) ?? asked == asked else {
      throw PopulationVerdict.noAnswer("other-person", "is about another person; it was thrown away")
    }
    return citizen
  }

  private static let otherSchema = PopulationVerdict.noAnswer(
    "other-schema", "does not have the form of QCVN 109:2017 that was expected: the service may have changed")
}
