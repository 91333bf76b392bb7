internal import HubKit
internal import Synchronization

/// Bodies that nobody is going to accept: what is taken out of a message to be looked at. They lie where bodies lie
/// that are still arriving, and go with ``clear()``; what a crash leaves is removed at the start.
final class ScratchBodies: BodyStore {
  private let store: any BodyStore
  private let writers = Mutex<[any BodyWriter]>([])

  init(_ store: any BodyStore) {
    self.store = store
  }

  func reader(of body: Body) throws(BodyError) -> any BodyReader { try store.reader(of: body) }

  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter {
    let writer = try store.writer(mediaType: mediaType, limit: limit)
    writers.withLock { $0.append(writer) }
    return writer
  }

  /// Leaves nothing behind.
  ///
  /// - Parameter kept: the body that is going to be accepted after all.
  func clear(except kept: Body? = nil) {
    let all = writers.withLock { writers in
      defer { writers = [] }
      return writers
    }
    for writer in all where kept == nil || (try? writer.finish()) != kept { writer.discard() }
  }
}
