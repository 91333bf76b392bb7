internal import HubKit

/// Reads HTTP/1.1 requests from a connection, one after the other (RFC 9112).
struct HTTPReader {
  enum Request {
    case whole(ServedRequest, keepsAlive: Bool)
    case broken(status: Int)
  }

  private let connection: LoopbackConnection
  private let bodyBytesMax: Int
  private var buffer: [UInt8] = []
  private var position = 0

  init(_ connection: LoopbackConnection, bodyBytesMax: Int) {
    self.connection = connection
    self.bodyBytesMax = bodyBytesMax
  }

  /// The next request; nil when the far end has closed.
  mutating func next() -> Request? {
    guard let start = line() else { return nil }
    let parts = start.split(separator: " ")
    guard parts.count == 3, parts[2].hasPrefix("HTTP/1.") else { return .broken(status: 400) }
    var headers: [HeaderField] = []
    while true {
      guard let line = line() else { return nil }
      if line.isEmpty { break }
      guard let colon = line.firstIndex(of: ":") else { return .broken(status: 400) }
      let value = line[line.index(after: colon)...]
      headers.append(HeaderField(String(line[..<colon]), trimmed(value)))
    }
    if headers["Expect"]?.lowercased() == "100-continue" { connection.write(text: "HTTP/1.1 100 Continue\r\n\r\n") }
    guard let body = body(headers) else { return .broken(status: tooLarge ? 413 : 400) }
    let target = RequestTarget(String(parts[1]))
    let request = ServedRequest(
      method: String(parts[0]), path: target.path, query: target.query, headers: headers, body: body)
    let closes = headers["Connection"]?.lowercased() == "close" || parts[2] == "HTTP/1.0"
    return .whole(request, keepsAlive: !closes)
  }

  private(set) var tooLarge = false

  private mutating func body(_ headers: [HeaderField]) -> [UInt8]? {
    if headers["Transfer-Encoding"]?.lowercased() == "chunked" { return chunked() }
    guard let text = headers["Content-Length"] else { return [] }
    guard let count = Int(text), count >= 0 else { return nil }
    guard count <= bodyBytesMax else {
      tooLarge = true
      return nil
    }
    return bytes(count)
  }

  private mutating func chunked() -> [UInt8]? {
    var all: [UInt8] = []
    while let head = line(), let count = Int(head.prefix { $0 != ";" }, radix: 16), count >= 0 {
      guard all.count + count <= bodyBytesMax else {
        tooLarge = true
        return nil
      }
      if count == 0 {
        while let trailer = line(), !trailer.isEmpty {}
        return all
      }
      guard let part = bytes(count), line() == "" else { return nil }
      all += part
    }
    return nil
  }

  private mutating func fill() -> Bool {
    if position > 0 {
      buffer.removeFirst(position)
      position = 0
    }
    let more = connection.read()
    buffer += more
    return !more.isEmpty
  }

  private mutating func line() -> String? {
    while true {
      if let end = buffer[position...].firstIndex(of: 0x0A) {
        var text = buffer[position..<end]
        position = end + 1
        if text.last == 0x0D { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
      }
      guard buffer.count - position < 1 << 20, fill() else { return nil }
    }
  }

  private mutating func bytes(_ count: Int) -> [UInt8]? {
    while buffer.count - position < count {
      guard fill() else { return nil }
    }
    defer { position += count }
    return Array(buffer[position..<position + count])
  }
}

/// Writes answers.
enum HTTPWriter {
  static func bytes(of response: ServedResponse, to method: String, closing: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(response.status) \(phrase(response.status))\r\n"
    for field in response.headers { text += "\(field.name): \(field.value)\r\n" }
    if response.status != 204 && response.status != 304 { text += "Content-Length: \(response.body.count)\r\n" }
    if closing { text += "Connection: close\r\n" }
    return Array((text + "\r\n").utf8) + (method == "HEAD" ? [] : response.body)
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200..<300: "OK"
    case 300..<400: "Elsewhere"
    case 400..<500: "Refused"
    default: "Failed"
    }
  }
}

/// A request's target taken apart and decoded.
struct RequestTarget {
  let path: String
  let query: [HeaderField]

  init(_ text: String) {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = Self.decoded(parts[0], plusIsSpace: false)
    query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return HeaderField(
        Self.decoded(sides[0], plusIsSpace: true), sides.count > 1 ? Self.decoded(sides[1], plusIsSpace: true) : "")
    }
  }

  private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        out.append(value)
        index += 3
      } else {
        out.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

/// Without spaces and tabs at either end.
private func trimmed(_ text: Substring) -> String {
  let front = text.drop { $0 == " " || $0 == "\t" }
  return String(front.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
}
