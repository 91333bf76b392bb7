internal import Dispatch
internal import HubKit

/// Reads and writes whole bodies on a thread that no task waits for: they may lie on the disk.
enum BodyBytes {
  /// All bytes of a delivery's body.
  static func read(_ delivery: Delivery, limit: Int) async throws(AdapterError) -> [UInt8] {
    if case .inline(let bytes) = delivery.body { return bytes }
    let result = await OffPool.trying { () throws(BodyError) in
      try delivery.bodies.bytes(of: delivery.body, limit: limit)
    }
    do throws(BodyError) { return try result.get() } catch {
      let isPassing = if case .io = error { true } else { false }
      throw AdapterError(
        isPassing ? .retry(after: nil) : .reject, code: "body-unreadable",
        reason: "the message's bytes cannot be had, or are more than \(limit)", cause: "\(error)")
    }
  }

  /// Few bytes are carried along, many go to the store.
  static func keep(_ bytes: [UInt8], in bodies: any BodyStore) async -> Result<Body, BodyError> {
    guard bytes.count > Body.inlineBytesMax else { return .success(.inline(bytes)) }
    return await OffPool.trying { () throws(BodyError) in
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

/// Runs work that blocks or takes long on a thread that no task waits for.
enum OffPool {
  static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: work()) }
    }
  }

  static func trying<Value: Sendable>(
    _ work: @escaping @Sendable () throws(BodyError) -> Value
  ) async -> Result<Value, BodyError> {
    await run {
      do throws(BodyError) { return .success(try work()) } catch { return .failure(error) }
    }
  }
}
