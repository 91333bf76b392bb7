public import HubKit

/// Reads and writes whole JSON bodies away from the tasks' threads: they may lie on the disk.
public enum BodyBytes {
  /// All bytes of a delivery's body. One that is carried along is there at once.
  ///
  /// - Parameters:
  ///   - limit: most bytes that a body in the store may have.
  ///   - pool: where the disk is waited for.
  /// - Throws: ``AdapterError`` `body-unreadable`: to be retried when the disk answered with an error, a reject when
  ///   the body is too large, gone or damaged.
  public static func read(
    _ delivery: Delivery, limit: Int, on pool: OffPool
  ) async throws(AdapterError) -> [UInt8] {
    if case .inline(let bytes) = delivery.body { return bytes }
    let result = await pool.trying { () throws(BodyError) in
      try delivery.bodies.bytes(of: delivery.body, limit: limit)
    }
    do throws(BodyError) { return try result.get() } catch {
      let isPassing = if case .io = error { true } else { false }
      throw AdapterError(
        isPassing ? .retry(after: nil) : .reject, code: "body-unreadable",
        reason: "the message's bytes cannot be had, or are more than \(limit)", cause: "\(error)")
    }
  }

  /// Few bytes of JSON are carried along, many go to the store. After a failure the store holds nothing of them.
  ///
  /// - Parameter pool: where the disk is waited for.
  public static func keep(
    _ bytes: [UInt8], in bodies: any BodyStore, on pool: OffPool
  ) async -> Result<Body, BodyError> {
    guard bytes.count > Body.inlineBytesMax else { return .success(.inline(bytes)) }
    return await pool.trying { () throws(BodyError) in
      let writer = try bodies.writer(mediaType: "application/json", limit: bytes.count)
      do throws(BodyError) {
        try writer.write(bytes)
        return try writer.finish()
      } catch {
        writer.discard()
        throw error
      }
    }
  }
}
