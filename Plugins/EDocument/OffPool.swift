internal import Dispatch
internal import HubKit
internal import Synchronization

/// Runs work that blocks (disk, libxml2, digests of large files) on a thread that no task waits for.
enum OffPool {
  /// A body that cannot be read is an outage of our own disk, not the message's fault.
  static func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws(BodyError) -> Value
  ) async throws(AdapterError) -> Value {
    let result: Result<Value, BodyError> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(BodyError) { continuation.resume(returning: .success(try work())) } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    do { return try result.get() } catch { throw unkept(error) }
  }

  /// What a failure of our own disk means for an attempt.
  static func unkept(_ error: BodyError) -> AdapterError {
    AdapterError(
      error == .gone ? .reject : .retry(after: nil), code: "body",
      reason: "the message's bytes cannot be read or kept",
      cause: "\(error)")
  }
}

/// Reads a body and then a few bytes more.
final class SuffixedReader: BodyReader {
  private let original: any BodyReader
  private let suffix: Mutex<[UInt8]>

  init(_ original: any BodyReader, suffix: [UInt8]) {
    self.original = original
    self.suffix = Mutex(suffix)
  }

  func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    let part = try original.read(upTo: count)
    guard part.isEmpty else { return part }
    return suffix.withLock { suffix in
      let next = Array(suffix.prefix(count))
      suffix.removeFirst(next.count)
      return next
    }
  }
}
