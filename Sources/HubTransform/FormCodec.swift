public import HubKit

/// Parameters of a question without a body, as forms write them (URL Standard, section 5.1). Their canonical document
/// is an object: a name that stands there once has a text, one that stands there more often a list of texts.
public struct FormCodec: Codec {
  /// Creates the codec.
  public init() {}

  /// `form`.
  public var name: String { "form" }

  /// By media type only: any text could be a form.
  public func recognises(mediaType: String?, prefix: [UInt8]) -> Bool { mediaType == Question.parametersType }

  /// Checks the escapes.
  public func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    _ = try fields(of: body, limits: limits)
    return Examination()
  }

  /// The object.
  public func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    var names: [String] = []
    var values: [String: [JSONTree]] = [:]
    for field in try fields(of: body, limits: limits) {
      if values[field.name] == nil { names.append(field.name) }
      values[field.name, default: []].append(.string(field.value))
    }
    let members = names.map { name -> (name: String, value: JSONTree) in
      let all = values[name] ?? []
      return (name, all.count == 1 ? all[0] : .array(all))
    }
    return Document(json: JSONTree.object(members).json)
  }

  /// A route that wants parameters back makes them itself.
  public func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage) {
    throw InvalidMessage(rule: "form-encode", "a document is not written as a form; send it as JSON")
  }

  /// A document as parameters, for whoever must keep the form, as a mask must.
  ///
  /// - Throws: ``InvalidMessage`` when it is no document of this format.
  public static func written(_ json: [UInt8]) throws(InvalidMessage) -> [UInt8] {
    var pairs: [[UInt8]] = []
    for member in try JSONTree(json).members {
      for value in member.value.items.isEmpty ? [member.value] : member.value.items {
        let text = PercentText.escaped(value.text ?? "")
        pairs.append(PercentText.escaped(member.name) + [UInt8(ascii: "=")] + text)
      }
    }
    return Array(pairs.joined(separator: [UInt8(ascii: "&")]))
  }

  private func fields(of body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> [HeaderField] {
    let bytes = try wholeDocument(body, limits: limits)
    guard let fields = PercentDecoding.query(String(decoding: bytes, as: UTF8.self)) else {
      throw InvalidMessage(rule: "form-escape", "the parameters are not well percent-encoded UTF-8")
    }
    return fields
  }
}
