import CXML
import HubKit

/// Hears what stands in a document, from front to back.
protocol XMLListener: AnyObject {
  func begin(_ name: String, attributes: [(name: String, value: String)])
  func text(_ bytes: UnsafeRawBufferPointer)
  func end()
}

/// Reads XML strictly from front to back, through libxml2's push parser.
struct XMLScan {
  var depthMax: Int

  /// Reads all of `body`.
  ///
  /// - Throws: ``InvalidMessage`` with line and column at the first thing that is wrong.
  func read(_ body: any BodyReader, into listener: (any XMLListener)? = nil) throws(InvalidMessage) {
    let feed = XMLFeed(body, listener)
    let problem = withExtendedLifetime(feed) {
      let context = Unmanaged.passUnretained(feed).toOpaque()
      let read: cxml_read = { context, buffer, count in
        guard let context, let buffer else { return -1 }
        return Unmanaged<XMLFeed>.fromOpaque(context).takeUnretainedValue().fill(buffer, count)
      }
      guard listener != nil else { return cxml_scan(read, context, Int32(clamping: depthMax), nil) }
      var events = XMLFeed.events(context)
      return cxml_scan(read, context, Int32(clamping: depthMax), &events)
    }
    if let violation = problem.violation(depthMax: depthMax) { throw InvalidMessage([violation]) }
  }
}

/// What the C callbacks hold on to while one body is read; used by the reading thread only.
private final class XMLFeed {
  private let body: any BodyReader
  private let listener: (any XMLListener)?

  init(_ body: any BodyReader, _ listener: (any XMLListener)?) {
    self.body = body
    self.listener = listener
  }

  func fill(_ buffer: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
    guard let bytes = try? body.read(upTo: count) else { return -1 }
    UnsafeMutableRawBufferPointer(start: buffer, count: count).copyBytes(from: bytes)
    return bytes.count
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> (any XMLListener)? {
    context.flatMap { Unmanaged<XMLFeed>.fromOpaque($0).takeUnretainedValue().listener }
  }

  static func events(_ context: UnsafeMutableRawPointer) -> cxml_events {
    cxml_events(
      context: context,
      begin: { context, name, attributes in
        guard let name else { return }
        var list: [(name: String, value: String)] = []
        var next = attributes
        while let here = next, let name = here[0], let value = here[1] {
          list.append((String(cString: name), String(cString: value)))
          next = here + 2
        }
        XMLFeed.of(context)?.begin(String(cString: name), attributes: list)
      },
      text: { context, bytes, count in
        XMLFeed.of(context)?.text(UnsafeRawBufferPointer(start: bytes, count: count))
      },
      end: { XMLFeed.of($0)?.end() })
  }
}
