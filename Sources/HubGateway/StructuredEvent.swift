internal import FoundationEssentials
internal import HubKit

/// Reads an event, or a batch of them, that is one JSON object (CloudEvents 1.0.2 JSON format, sections 2 to 4).
struct StructuredEvent {
  let envelope: Envelope
  /// The event's data: for JSON the very bytes that the sender wrote.
  let data: [UInt8]
  /// True when the content has to say what the event is.
  let lacksType: Bool

  /// Reads one event that is the whole text.
  static func one(_ json: [UInt8], settings: GatewaySettings) throws(InvalidMessage)
    -> StructuredEvent
  {
    var scanner = JSONScanner(json, depthMax: settings.depthMax + 1)
    return try StructuredEvent(scanner.object(), of: json, pointer: "", settings: settings)
  }

  /// Reads a batch.
  ///
  /// - Throws: ``InvalidMessage`` for all events together, each violation with the event's position in its path.
  static func batch(_ json: [UInt8], settings: GatewaySettings) throws(InvalidMessage)
    -> [StructuredEvent]
  {
    var scanner = JSONScanner(json, depthMax: settings.depthMax + 2)
    let elements = try scanner.array()
    guard !elements.isEmpty else {
      throw InvalidMessage(rule: "batch-empty", "the batch holds no event")
    }
    guard elements.count <= settings.batchMax else {
      throw InvalidMessage(
        rule: "batch-too-long",
        "a batch may hold at most \(settings.batchMax) events, this one has \(elements.count)")
    }
    var events: [StructuredEvent] = []
    var violations: [Violation] = []
    for (index, element) in elements.enumerated() {
      do {
        var inner = JSONScanner(json, in: element.range, depthMax: settings.depthMax + 1)
        events.append(
          try StructuredEvent(inner.object(), of: json, pointer: "/\(index)", settings: settings))
      } catch {
        violations += error.violations
      }
    }
    guard violations.isEmpty else { throw InvalidMessage(Array(violations.prefix(100))) }
    return events
  }

  private init(
    _ members: [JSONItem], of json: [UInt8], pointer: String, settings: GatewaySettings
  ) throws(InvalidMessage) {
    var rules = AttributeRules(
      countMax: settings.attributesMax, bytesMax: settings.attributeBytesMax
    ) {
      "\(pointer)/\($0)"
    }
    var data: JSONItem?
    var base64: JSONItem?
    for member in members {
      switch (member.name, member.value) {
      case ("data", _) where data == nil: data = member
      case ("data_base64", _) where base64 == nil: base64 = member
      case (_, .string(let text)): rules.add(member.name, text)
      case (_, .flag(let flag)) where !Self.isCore(member.name):
        rules.add(member.name, flag ? "true" : "false")
      case (_, .number) where !Self.isCore(member.name):
        Self.addInteger(member, json, to: &rules)
      case (_, .null): break
      default: rules.complain("attribute-value", member.name, "the value must be a string")
      }
    }
    if data != nil, base64 != nil {
      rules.complain("data-twice", "data", "send `data` or `data_base64`, not both")
    }
    if rules["datacontenttype"] == nil, data != nil {
      rules.add("datacontenttype", "application/json")
    }
    let mediaType = rules["datacontenttype"].flatMap(MediaTypeText.init)
    self.data = Self.bytes(data, base64, json, isJSON: mediaType?.isJSON ?? true, &rules)
    lacksType = rules["type"] == nil
    envelope = try rules.envelope(typeRequired: !lacksType)
  }

  private static func isCore(_ name: String) -> Bool {
    ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"]
      .contains(name)
  }

  /// CloudEvents numbers are 32-bit integers (section 3.1 of the core specification).
  private static func addInteger(
    _ member: JSONItem, _ json: [UInt8], to rules: inout AttributeRules
  ) {
    let text = String(decoding: json[member.range], as: UTF8.self)
    if Int32(text) != nil {
      rules.add(member.name, text)
    } else {
      rules.complain(
        "attribute-value", member.name,
        "a number must be an integer of 32 bits; send others as strings")
    }
  }

  private static func bytes(
    _ data: JSONItem?, _ base64: JSONItem?, _ json: [UInt8], isJSON: Bool,
    _ rules: inout AttributeRules
  ) -> [UInt8] {
    if let base64 {
      if case .string(let text) = base64.value, let decoded = Data(base64Encoded: text) {
        return Array(decoded)
      }
      rules.complain(
        "base64", "data_base64", "the value must be a string in base64 (RFC 4648 section 4)")
    } else if let data {
      if isJSON { return Array(json[data.range]) }
      if case .string(let text) = data.value { return Array(text.utf8) }
      rules.complain(
        "data-type", "data", "data that are not JSON must be a string, or stand in `data_base64`")
    }
    return []
  }
}
