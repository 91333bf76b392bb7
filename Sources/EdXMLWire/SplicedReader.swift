public import HubKit
internal import Synchronization

/// Reads a body with one change made to it, in pieces, so that it can be uploaded while it is changed.
public final class SplicedReader: BodyReader {
  private enum Part { case before(left: Int), insertion(done: Int), skip(left: Int), after }

  private let original: any BodyReader
  private let insertion: [UInt8]
  private let removedByteCount: Int
  private let part: Mutex<Part>

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - original: the body from its front; a fresh reader, not the one that was scanned.
  ///   - plan: the change.
  public init(_ original: any BodyReader, _ plan: TraceStamp.Plan) {
    self.original = original
    insertion = plan.insertion
    removedByteCount = plan.removedByteCount
    part = Mutex(.before(left: plan.offset))
  }

  /// The next bytes of the changed body.
  public func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    while count > 0 {
      switch part.withLock({ $0 }) {
      case .before(let left) where left > 0:
        let bytes = try original.read(upTo: min(count, left))
        guard !bytes.isEmpty else { throw .damaged("it ends before the place of its trace header") }
        move(to: .before(left: left - bytes.count))
        return bytes
      case .before: move(to: .insertion(done: 0))
      case .insertion(let done) where done < insertion.count:
        let end = min(insertion.count, done + count)
        move(to: .insertion(done: end))
        return Array(insertion[done..<end])
      case .insertion: move(to: .skip(left: removedByteCount))
      case .skip(let left) where left > 0:
        let bytes = try original.read(upTo: left)
        guard !bytes.isEmpty else { throw .damaged("it ends at the place of its trace header") }
        move(to: .skip(left: left - bytes.count))
      case .skip: move(to: .after)
      case .after: return try original.read(upTo: count)
      }
    }
    return []
  }

  /// One thread reads at a time: the lock only proves it to the compiler.
  private func move(to next: Part) { part.withLock { $0 = next } }
}
