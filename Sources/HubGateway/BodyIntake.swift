internal import HTTPTypes
internal import HubKit
internal import Hummingbird
internal import NIOCore

/// Takes the bytes of requests: few are kept in memory, many go to the body store while they arrive.
struct BodyIntake: Sendable {
  let bodies: any BodyStore
  let bytesMax: Int

  /// Bytes that are written to the store at once: a trip to another thread costs more than the copy.
  private static let pieceBytes = 256 << 10

  /// Takes a body of any size up to the limit.
  ///
  /// - Parameter tail: bytes that may stand behind the body and do not belong to it.
  /// - Throws: ``Problem``; then nothing is left behind.
  func take(
    _ request: Request, _ context: GatewayContext, mediaType: String, without tail: [UInt8] = []
  ) async throws -> TakenBody {
    try checkLength(request, max: bytesMax)
    sayContinue(request, context)
    var taken = TakenBody()
    do {
      var held: [UInt8] = []
      var byteCount = 0
      for try await part in request.body {
        byteCount += part.readableBytes
        guard byteCount <= bytesMax else { throw tooLarge(bytesMax) }
        held.append(contentsOf: part.readableBytesView)
        if held.count > tail.count + (taken.writer == nil ? Body.inlineBytesMax : Self.pieceBytes) {
          // What could be the tail waits for the end.
          var ready = Array(held.dropLast(tail.count))
          held.removeFirst(ready.count)
          try await store(&ready, into: &taken, mediaType: mediaType)
        }
      }
      try checkWhole(request, byteCount)
      if !tail.isEmpty, held.suffix(tail.count) == tail[...] { held.removeLast(tail.count) }
      if taken.writer != nil { try await store(&held, into: &taken, mediaType: mediaType) }
      try await taken.finish(inline: held)
      return taken
    } catch {
      await taken.discard()
      throw Self.problem(for: error)
    }
  }

  /// Takes bytes that are in memory already.
  func take(_ bytes: [UInt8], mediaType: String) async throws -> TakenBody {
    var taken = TakenBody()
    do {
      guard bytes.count > Body.inlineBytesMax else {
        try await taken.finish(inline: bytes)
        return taken
      }
      var held = bytes
      try await store(&held, into: &taken, mediaType: mediaType)
      try await taken.finish(inline: [])
      return taken
    } catch {
      await taken.discard()
      throw Self.problem(for: error)
    }
  }

  /// Takes a body that is needed whole in memory.
  func collect(_ request: Request, _ context: GatewayContext, max: Int) async throws -> [UInt8] {
    try checkLength(request, max: max)
    sayContinue(request, context)
    do {
      var bytes: [UInt8] = []
      for try await part in request.body {
        guard bytes.count + part.readableBytes <= max else { throw tooLarge(max) }
        bytes.append(contentsOf: part.readableBytesView)
      }
      try checkWhole(request, bytes.count)
      return bytes
    } catch {
      throw Self.problem(for: error)
    }
  }

  private func store(_ held: inout [UInt8], into taken: inout TakenBody, mediaType: String)
    async throws
  {
    if taken.prefix.isEmpty { taken.prefix = Array(held.prefix(TakenBody.prefixBytes)) }
    let (bodies, bytesMax, bytes, begun) = (bodies, bytesMax, held, taken.writer)
    held.removeAll(keepingCapacity: true)
    if let begun {
      try await blocking { try begun.write(bytes) }
    } else {
      let writer = try await blocking { try bodies.writer(mediaType: mediaType, limit: bytesMax) }
      taken.writer = writer
      try await blocking { try writer.write(bytes) }
    }
  }

  /// Only callers who announced it wait for the word, and saying it takes a trip to the event loop.
  private func sayContinue(_ request: Request, _ context: GatewayContext) {
    if request.headers.contains(.expect) { context.wantsBody() }
  }

  private func checkLength(_ request: Request, max: Int) throws {
    guard let length = request.headers.text(of: .contentLength).flatMap(Int.init), length > max else {
      return
    }
    throw tooLarge(max)
  }

  /// A connection that breaks may look like an end: what was announced must have come.
  private func checkWhole(_ request: Request, _ byteCount: Int) throws {
    guard let length = request.headers.text(of: .contentLength).flatMap(Int.init), length != byteCount else {
      return
    }
    throw RequestCutShort()
  }

  private func tooLarge(_ max: Int) -> Problem {
    var problem = Problem(
      .tooLarge, "The body may have at most \(max) bytes. Nothing of it was kept.")
    problem.closesConnection = true
    return problem
  }

  private static func problem(for error: any Error) -> any Error {
    switch error {
    case BodyError.tooLarge(let limit):
      return Problem(.tooLarge, "The body may have at most \(limit) bytes. Nothing of it was kept.")
    case BodyError.full:
      return Problem(
        .full, "There is no room for the body. Nothing of it was kept; send it again later.")
    case is BodyError:
      return Problem(
        .unavailable, "The body could not be written. Nothing of it was kept; send it again later.")
    default: return error
    }
  }
}

/// A body that was taken and that nobody has accepted yet.
struct TakenBody: Sendable {
  /// How much a codec sees to recognise its format, in bytes.
  static let prefixBytes = 4096

  /// The body, once it is finished.
  private(set) var body = Body.empty
  /// The first bytes.
  var prefix: [UInt8] = []
  /// Present when the bytes went to the store.
  var writer: (any BodyWriter)?

  /// Ends the body.
  mutating func finish(inline bytes: [UInt8]) async throws {
    if let writer {
      body = try await blocking { try writer.finish() }
    } else {
      body = .inline(bytes)
      prefix = bytes.count > Self.prefixBytes ? Array(bytes.prefix(Self.prefixBytes)) : bytes
    }
  }

  /// Leaves nothing in the store.
  func discard() async {
    guard let writer else { return }
    try? await blocking { writer.discard() }
  }
}
