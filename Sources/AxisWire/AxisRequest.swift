internal import FoundationEssentials
public import HubKit

/// One call of the axis' interface as whoever serves it reads it. Where it stands in a URL does not matter: the last
/// part of the path is the operation.
public struct AxisRequest: Sendable {
  /// Which operation, as in `sendEdoc`.
  public let operation: String
  /// Whose call it is, by his own word.
  public let system: String
  private let method: String
  private let headers: [HeaderField]

  /// Reads a request.
  public init(_ request: ServedRequest) {
    operation = request.path.split(separator: "/").last.map(String.init) ?? ""
    method = request.method
    headers = request.headers
    system = request.headers["\(AxisSigning.prefix)systemid"] ?? ""
  }

  /// A parameter; field names know no case, so both spellings of docId are one.
  public func parameter(_ key: String) -> String? { headers["\(AxisSigning.prefix)\(key)"] }

  /// Operations that are a GET; all others are a POST.
  private static let reads: Set<String> = ["countReceiveEdoc", "countReceiveStatus", "downloadEdoc"]

  /// Whether the method is the operation's.
  public var hasRightMethod: Bool { method == (Self.reads.contains(operation) ? "GET" : "POST") }

  /// Whether the parameters are signed by the system's key; nil: it has none.
  public func isSigned(with secret: String?) -> Bool { AxisSignature.isGood(headers, secret: secret) }

  /// The item that the call is about.
  public var docId: String? { parameter("docId") ?? parameter("filePath") }

  /// `edoc` or `status`.
  public var messageType: String { parameter("messagetype") ?? "edoc" }

  /// `to` is a JSON array in a string; some clients write a bare code.
  public var receivers: [String] {
    guard let text = parameter("to") else { return [] }
    let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    return list ?? [text]
  }

  /// The digest of the file that is sent, with or without the usual prefix.
  public var fileDigest: String { parameter("hash-file") ?? headers["hash-file"] ?? "" }

  /// Most items in one list.
  public var pageSize: Int { max(1, parameter("pageSize").flatMap { Int($0) } ?? 100) }

  /// Which page, from 1.
  public var pageIndex: Int { max(1, parameter("pageIndex").flatMap { Int($0) } ?? 1) }

  /// The page of a list that is asked for.
  public func page<Element>(of all: [Element]) -> [Element] {
    let (start, overflow) = (pageIndex - 1).multipliedReportingOverflow(by: pageSize)
    return overflow ? [] : Array(all.dropFirst(start).prefix(pageSize))
  }

  /// When the caller says it is: `dd-MM-yyyyTHH:mm:ss` and what stands behind it, as if in Vietnam's time. Nil: it says
  /// nothing that can be read.
  public var time: Timestamp? {
    guard let text = parameter("timestamp"), text.utf8.count >= 19 else { return nil }
    let parts = text.prefix(19).split { !$0.isNumber }
    let numbers = parts.compactMap { Int($0) }
    guard parts.count == 6, numbers.count == 6 else { return nil }
    return Timestamp(rfc3339: "\(parts[2])-\(parts[1])-\(parts[0])T\(parts[3]):\(parts[4]):\(parts[5])+07:00")
  }
}
