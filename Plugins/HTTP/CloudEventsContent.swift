internal import FoundationEssentials
internal import HubKit

/// A message as HTTP content: the HTTP protocol binding of CloudEvents 1.0.2, or only the body.
struct CloudEventsContent {
  let headers: [HeaderField]
  let body: OutboundBody

  /// The largest body by reference that is read to see whether it is JSON; a larger one goes as base64.
  static let checkedBytesMax = 1 << 20

  init(_ delivery: Delivery, mode: HTTPSettings.Mode) throws(AdapterError) {
    let mediaType = delivery.envelope.dataContentType.map { [HeaderField("Content-Type", $0)] } ?? []
    switch mode {
    case .binary:
      headers = mediaType + Self.attributeFields(delivery.envelope)
      body = try Self.plain(delivery)
    case .body:
      headers = mediaType
      body = try Self.plain(delivery)
    case .structured:
      headers = [HeaderField("Content-Type", "application/cloudevents+json; charset=utf-8")]
      body = try Self.structured(delivery)
    }
  }

  /// Section 3.1.3: every attribute but the media type has a `ce-` field.
  static func attributeFields(_ envelope: Envelope) -> [HeaderField] {
    envelope.attributes.filter { $0.name != "datacontenttype" }.map { attribute in
      HeaderField("ce-\(attribute.name)", encoded(attribute.value))
    }
  }

  /// Section 3.1.3.2: space, double quote, percent and everything outside printable ASCII is percent-encoded UTF-8.
  static func encoded(_ value: String) -> String {
    PercentEncoding.encode(value) { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "%") }
  }

  private static func plain(_ delivery: Delivery) throws(AdapterError) -> OutboundBody {
    if case .inline(let bytes) = delivery.body { return .bytes(bytes) }
    return .stream(try reader(delivery), byteCount: delivery.body.byteCount)
  }

  /// Section 3.2, in the JSON format of CloudEvents 1.0.2: `data` for JSON (section 3.1.1), `data_base64` for
  /// everything else.
  private static func structured(_ delivery: Delivery) throws(AdapterError) -> OutboundBody {
    let attributes = delivery.envelope.attributes.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }
    let head = "{" + attributes.joined(separator: ",")
    if delivery.body.byteCount == 0 { return .bytes(Array((head + "}").utf8)) }
    if let json = try jsonData(of: delivery) {
      return .bytes(Array((head + ",\"data\":").utf8) + json + Array("}".utf8))
    }
    let front = Array((head + ",\"data_base64\":\"").utf8)
    let back = Array("\"}".utf8)
    let encodedCount = (delivery.body.byteCount + 2) / 3 * 4
    return .stream(
      Base64Reader(front: front, inner: try reader(delivery), back: back),
      byteCount: front.count + encodedCount + back.count)
  }

  /// The body when it is called JSON and is JSON; a body that only claims to be would break the whole document.
  private static func jsonData(of delivery: Delivery) throws(AdapterError) -> [UInt8]? {
    let mediaType = (delivery.envelope.dataContentType ?? "application/json").lowercased().prefix { $0 != ";" }
    guard mediaType.hasSuffix("/json") || mediaType.hasSuffix("+json"),
      delivery.body.byteCount <= checkedBytesMax
    else { return nil }
    do throws(BodyError) {
      let bytes = try delivery.bodies.bytes(of: delivery.body, limit: checkedBytesMax)
      return JSONText.isValid(bytes) ? bytes : nil
    } catch {
      throw unreadable(error)
    }
  }

  private static func reader(_ delivery: Delivery) throws(AdapterError) -> any BodyReader {
    do throws(BodyError) {
      return try delivery.bodies.reader(of: delivery.body)
    } catch {
      throw unreadable(error)
    }
  }

  private static func unreadable(_ error: BodyError) -> AdapterError {
    let isPassing = if case .io = error { true } else { false }
    return AdapterError(
      isPassing ? .retry(after: nil) : .reject, code: "body-unreadable", reason: "The message's bytes cannot be had.",
      cause: "\(error)")
  }
}
