internal import CCurl
internal import HubKit

/// What a transfer ends with.
typealias TransferResult = Result<OutboundResponse, AdapterError>

/// A request on its way from a sender's task to the loop's thread.
struct Submission: Sendable {
  let id: UInt64
  let endpoint: Endpoint
  let prepared: PreparedRequest
  let answer: CheckedContinuation<TransferResult, Never>
}

/// What all requests of one endpoint share.
final class Endpoint: Sendable {
  let name: String
  let options: TransportOptions
  let allowList: AllowList

  init(name: String, options: TransportOptions) {
    self.name = name
    self.options = options
    allowList = AllowList(entries: options.allow)
  }
}

/// One request under way. Lives on the loop's thread; libcurl's callbacks get a pointer to it.
final class Transfer {
  /// What it waits for, which says which time limit counts.
  enum Phase {
    /// A free place among the endpoint's connections.
    case turn
    /// A connection.
    case connection
    /// The far side to take more of the request.
    case upload
    /// The first line of the answer.
    case firstByte
    /// More of the answer.
    case download
  }

  let submission: Submission
  let startedAt: ContinuousClock.Instant
  var phase = Phase.turn
  /// The handle that carries it; nil before its turn and after its end.
  var easy: EasyHandle?
  /// When the phase began or bytes last moved in it.
  var movedAt: ContinuousClock.Instant

  /// How often a connection was about to carry the request.
  private(set) var carriedCount = 0
  /// Set once any address was tried, and once any was refused by the allow-list.
  private(set) var triedAddress = false
  private(set) var refusedAddress = false
  /// Whether the allow-list refused all there was.
  var wasKeptOut: Bool { refusedAddress && !triedAddress }
  /// Why a callback ended the transfer.
  private(set) var failure: AdapterError?

  /// Reads the body while it is sent; nil when libcurl has a copy of all of it.
  let reader: (any BodyReader)?
  private var unreadBytes: Int

  private var headers: [HeaderField] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var bodyBytes = 0

  /// Bodies up to this size are copied into libcurl and leave with the header in one write.
  static let copiedBytesMax = 64 << 10

  init(_ submission: Submission, now: ContinuousClock.Instant) {
    self.submission = submission
    startedAt = now
    movedAt = now
    unreadBytes = submission.prepared.bodyBytes
    switch submission.prepared.request.body {
    case .stream(let reader, _)?: self.reader = reader
    case .bytes(let bytes)? where bytes.count > Self.copiedBytesMax || submission.prepared.request.file != nil:
      reader = BytesReader(bytes)
    default: reader = nil
    }
  }

  var place: String { submission.prepared.place }
  var options: TransportOptions { submission.endpoint.options }
  var totalTimeout: Duration { min(submission.prepared.request.timeout ?? options.totalTimeout, options.totalTimeout) }

  private var responseBytesMax: Int {
    min(submission.prepared.request.responseBytesMax ?? options.responseBytesMax, options.responseBytesMax)
  }

  /// Its turn has come.
  func begin(with easy: EasyHandle) {
    self.easy = easy
    phase = .connection
    movedAt = .now
  }

  /// Whether a connection carried it.
  var wasCarried: Bool { carriedCount > 0 }

  /// How much of the request has left, as far as anyone can know.
  func progress(requestBytes: Int) -> Progress {
    guard carriedCount > 0, requestBytes > 0 else { return .unsent }
    return reader != nil && unreadBytes > 0 ? .partlySent : .sent
  }

  /// When time is up, and for what; nil while nothing has run out.
  func deadline() -> (at: ContinuousClock.Instant, what: String) {
    let total = (startedAt + totalTimeout, "total time")
    let own: (ContinuousClock.Instant, String)
    switch phase {
    case .turn: return total
    case .connection: own = (movedAt + options.connectTimeout, "connect")
    case .upload: own = (movedAt + options.idleTimeout, "no byte taken")
    case .firstByte: own = (movedAt + options.firstByteTimeout, "first byte")
    case .download: own = (movedAt + options.idleTimeout, "no byte given")
    }
    return own.0 < total.0 ? own : total
  }

  /// The whole answer.
  func response(status: Int, duration: Duration, file: FileFacts? = nil) -> OutboundResponse {
    var response = OutboundResponse(status: status, headers: headers, body: body, duration: duration)
    response.file = file
    // FTP speaks of a file in lines like a header's, which are no content of it.
    if let action = submission.prepared.request.file?.action, action != .read, action != .list { response.body = [] }
    return response
  }
}

// MARK: - What libcurl reports

extension Transfer {
  /// A socket is about to be opened.
  ///
  /// - Returns: false when the address is not allowed.
  func mayOpen(_ address: NetworkAddress?, port: Int) -> Bool {
    guard allows(address, port: port) else {
      refusedAddress = true
      return false
    }
    triedAddress = true
    return true
  }

  /// A connection, new or reused, is about to carry the request. A reused one may have been opened for another
  /// endpoint with a wider allow-list, so its address is looked at again.
  ///
  /// - Parameter requestBytes: what was sent before, on a connection that then turned out to be dead. libcurl would
  ///   send the request a second time; that is right only for methods that change nothing (RFC 9110 section 9.2.2).
  /// - Returns: whether to go on.
  func mayCarry(address: NetworkAddress?, port: Int, requestBytes: Int) -> Bool {
    guard allows(address, port: port) else {
      failure = Verdicts.notAllowed(place: place)
      return false
    }
    let isSafe = Question(method: submission.prepared.request.method).isSafe
    guard requestBytes == 0 || isSafe else {
      failure = Verdicts.failure(
        CURLE_GOT_NOTHING, place: place, progress: progress(requestBytes: requestBytes),
        detail: "a connection kept from an earlier request was closed; the request was not sent a second time")
      return false
    }
    carriedCount += 1
    phase = reader == nil ? .firstByte : .upload
    movedAt = .now
    return true
  }

  /// A socket file has no address, and is the only place to which its endpoint can lead.
  private func allows(_ address: NetworkAddress?, port: Int) -> Bool {
    guard options.unixSocketPath == nil else { return true }
    guard let address else { return false }
    // FTP opens a connection for data at a port that the far side names, on the machine of the first one.
    let port = submission.prepared.request.file == nil ? port : submission.prepared.port
    return submission.endpoint.allowList.allows(address, port: port, host: submission.prepared.host)
  }

  /// libcurl wants at most `room` more bytes of the body.
  ///
  /// - Returns: nil to end the transfer.
  func nextBodyBytes(room: Int) -> [UInt8]? {
    guard let reader, unreadBytes > 0 else { return [] }
    movedAt = .now
    do throws(BodyError) {
      let bytes = try reader.read(upTo: min(room, unreadBytes))
      guard !bytes.isEmpty, bytes.count <= unreadBytes else {
        failure = Verdicts.shortBody(expected: submission.prepared.bodyBytes, place: place)
        return nil
      }
      unreadBytes -= bytes.count
      if unreadBytes == 0 { phase = .firstByte }
      return bytes
    } catch {
      failure = Verdicts.body(error, place: place)
      return nil
    }
  }

  /// A line of the answer's header, with its line break. Interim answers (1xx) begin with a status line too: what they
  /// said is forgotten.
  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    phase = .download
    movedAt = .now
    headerBytes += line.count
    guard headerBytes <= options.responseHeaderBytesMax else {
      failure = Verdicts.tooLarge("header", limit: options.responseHeaderBytesMax, place: place)
      return false
    }
    if line.starts(with: "HTTP/".utf8) {
      headers.removeAll(keepingCapacity: true)
    } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      let value = line[(colon + 1)...].trimmed
      headers.append(
        HeaderField(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return true
  }

  /// Bytes of the answer's body.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    phase = .download
    movedAt = .now
    bodyBytes += bytes.count
    guard bodyBytes <= responseBytesMax else {
      failure = Verdicts.tooLarge("body", limit: responseBytesMax, place: place)
      return false
    }
    guard let sink = submission.prepared.request.sink else {
      body.append(contentsOf: bytes)
      return true
    }
    do throws(BodyError) { try sink.write(Array(bytes)) } catch {
      failure = Verdicts.body(error, place: place)
      return false
    }
    return true
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// Without spaces, tabs and line breaks at either end.
  fileprivate var trimmed: Slice<UnsafeRawBufferPointer> {
    var part = self
    while let first = part.first, first == 0x20 || first == 0x09 { part = part.dropFirst() }
    while let last = part.last, last == 0x20 || last == 0x09 || last == 0x0D || last == 0x0A { part = part.dropLast() }
    return part
  }
}
