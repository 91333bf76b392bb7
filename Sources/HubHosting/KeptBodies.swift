internal import Dispatch
internal import HubKit
internal import JSONWire

extension OffPool {
  /// Threads of the platform, for a disk that is waited for.
  static let dispatch = OffPool { work in DispatchQueue.global().async { work() } }

  /// Keeps bytes as a body of any media type.
  func keep(_ bytes: [UInt8], mediaType: String?, in store: any BodyStore) async throws(BodyError) -> Body {
    if bytes.count <= Body.inlineBytesMax { return .inline(bytes) }
    let kept = await run { () -> Result<Body, BodyError> in
      do throws(BodyError) { return .success(try store.kept(bytes, mediaType: mediaType)) } catch {
        return .failure(error)
      }
    }
    return try kept.get()
  }
}

extension BodyStore {
  /// Keeps bytes as a body. Blocks; after a failure the store holds nothing of them.
  fileprivate func kept(_ bytes: [UInt8], mediaType: String?) throws(BodyError) -> Body {
    let writer = try writer(mediaType: mediaType ?? "application/octet-stream", limit: bytes.count)
    do throws(BodyError) {
      try writer.write(bytes)
      return try writer.finish()
    } catch {
      writer.discard()
      throw error
    }
  }
}

extension AdapterError {
  /// A body that cannot be read: gone for good, too large for a mapping, or our own disk's trouble.
  init(body error: BodyError) {
    switch error {
    case .tooLarge(let limit):
      self.init(.reject, code: "too-large", reason: "The body has more than \(limit) bytes and cannot be mapped.")
    case .gone, .damaged:
      self.init(.reject, code: "body-unreadable", reason: "The message's bytes are gone or damaged.")
    case .full, .io:
      self.init(
        .retry(after: nil), code: "body-unreadable", reason: "The message's bytes could not be read.",
        cause: "\(error)")
    }
  }
}
