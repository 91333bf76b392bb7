public import HubKit
internal import XMLWire

/// Adds the hub's own TraceHeader to an edXML document without touching another byte of it: one pass finds the place,
/// and a reader puts the new bytes in while the document streams by.
///
/// The place is behind the last TraceHeader; else first inside TraceHeaderList; else, in a new TraceHeaderList, behind
/// MessageHeader. Works on UTF-8; a document in another encoding has to be read and written anew.
public enum TraceStamp {
  /// One change to a byte stream: `insertion` takes the place of `removedByteCount` bytes at `offset`.
  public struct Plan: Sendable, Hashable {
    /// Where, in bytes from the front.
    public var offset: Int
    /// How many bytes go: 2 when an empty tag `<TraceHeaderList/>` is opened, else 0.
    public var removedByteCount: Int
    /// What comes.
    public var insertion: [UInt8]

    /// How much longer the document becomes.
    public var growth: Int { insertion.count - removedByteCount }

    /// Creates a plan.
    public init(offset: Int, removedByteCount: Int = 0, insertion: [UInt8]) {
      self.offset = offset
      self.removedByteCount = removedByteCount
      self.insertion = insertion
    }
  }

  /// Local time in Vietnam, as trace headers have it.
  public static let timeOffset = CalendarDay.offset

  /// `yyyy/MM/dd HH:mm:ss` in Vietnam's time.
  public static func text(of time: Timestamp) -> String {
    let parts = time.parts(offset: timeOffset)
    let pad = EdXMLDate.pad
    return "\(pad(parts.year, 4))/\(pad(parts.month, 2))/\(pad(parts.day, 2)) "
      + "\(pad(parts.hour, 2)):\(pad(parts.minute, 2)):\(pad(parts.second, 2))"
  }

  /// Finds the place. Reads no further than the end of edXMLHeader.
  ///
  /// - Parameters:
  ///   - body: the document from its front.
  ///   - organisation: our code.
  ///   - time: when the hub received the document: the same over all attempts, so that they send the same bytes.
  /// - Throws: ``InvalidMessage`` when the header is no edXML header, or with the rule `xml-encoding` when the document
  ///   is not in UTF-8.
  public static func scan(
    _ body: any BodyReader, organisation: String, time: Timestamp, limits: CodecLimits = CodecLimits()
  ) throws(InvalidMessage) -> Plan {
    let finder = PlaceFinder(depthMax: limits.depthMax)
    try XMLPass.run(body, finder, expected: "an edXML document")
    guard let place = finder.place else {
      throw InvalidMessage(
        rule: "edxml-structure", "this is no edXML message: edXMLHeader/MessageHeader is missing",
        path: "edXML/edXMLEnvelope/edXMLHeader/MessageHeader")
    }
    return place.plan(organisation: organisation, time: text(of: time))
  }
}

/// Where the new element goes, and under which names.
private struct Place {
  enum Kind { case behindTraceHeader, insideList, insideEmptyTag, newList }

  var kind: Kind
  var offset: Int
  /// The element that will hold the new one: its prefix is bound there for certain.
  var holder: XMLName
  var namespace: String

  func plan(organisation: String, time: String) -> TraceStamp.Plan {
    let prefix = holder.prefix.isEmpty ? "" : holder.prefix + ":"
    let declaration = holder.namespace == namespace ? "" : " xmlns:edXMLTrace=\"\(XMLEscaping.escaped(namespace))\""
    let name = holder.namespace == namespace ? prefix : "edXMLTrace:"
    let header = { (declaration: String) in
      "<\(name)TraceHeader\(declaration)><\(name)OrganId>\(XMLEscaping.escaped(organisation))</\(name)OrganId>"
        + "<\(name)Timestamp>\(time)</\(name)Timestamp></\(name)TraceHeader>"
    }
    switch kind {
    case .behindTraceHeader, .insideList:
      return TraceStamp.Plan(offset: offset, insertion: Array(header(declaration).utf8))
    case .insideEmptyTag:
      let text = ">\(header(declaration))</\(prefix)TraceHeaderList>"
      return TraceStamp.Plan(offset: offset, removedByteCount: 2, insertion: Array(text.utf8))
    case .newList:
      let text = "<\(name)TraceHeaderList\(declaration)>\(header(""))</\(name)TraceHeaderList>"
      return TraceStamp.Plan(offset: offset, insertion: Array(text.utf8))
    }
  }
}

/// Listens for the elements of edXMLHeader and remembers where they end.
private final class PlaceFinder: XMLListener {
  private let depthMax: Int
  private var names: [XMLName] = []
  private var list: XMLName?
  private var behindHeader: Place?
  private var insideList: Place?
  private(set) var isSatisfied = false

  init(depthMax: Int) { self.depthMax = depthMax }

  var place: Place? { behindHeader == nil && insideList == nil ? nil : insideList ?? behindHeader }

  private var isInHeader: Bool { names.count >= 3 && names[2].local == "edXMLHeader" }

  func start(_ element: XMLStart, at place: XMLPlace) throws(InvalidMessage) {
    guard names.count < depthMax else {
      throw place.complaint("xml-depth", "elements are nested deeper than the \(depthMax) levels allowed")
    }
    if isInHeader, names.count == 3, element.name.local == "TraceHeaderList", list == nil {
      _ = try offset(place)
      list = element.name
      insideList = Place(
        kind: element.isEmptyTag ? .insideEmptyTag : .insideList,
        offset: element.tagEnd + (element.isEmptyTag ? 0 : 1), holder: element.name, namespace: element.name.namespace)
    }
    names.append(element.name)
  }

  func end(at place: XMLPlace) throws(InvalidMessage) {
    guard let name = names.popLast() else { return }
    if isInHeader, names.count == 4, name.local == "TraceHeader", names[3] == list, let list {
      insideList = Place(
        kind: .behindTraceHeader, offset: try offset(place), holder: list, namespace: name.namespace)
    }
    if isInHeader, names.count == 3, name.local == "MessageHeader", behindHeader == nil {
      behindHeader = Place(
        kind: .newList, offset: try offset(place), holder: names[2], namespace: name.namespace)
    }
    if names.count == 2, name.local == "edXMLHeader" { isSatisfied = true }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>, at place: XMLPlace) throws(InvalidMessage) {}

  private func offset(_ place: XMLPlace) throws(InvalidMessage) -> Int {
    guard let offset = place.offset else {
      throw place.complaint("xml-encoding", "a trace header can only be spliced into a document in UTF-8")
    }
    return offset
  }
}
