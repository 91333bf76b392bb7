internal import Dispatch
internal import Foundation
internal import Glibc

/// Tells when something in a folder, at any depth, is written, moved, made or removed (inotify(7)).
final class FolderWatch: Sendable {
  /// An element for one or more changes since the last was taken; it does not say which.
  let changes: AsyncStream<Void>
  private let folder: String
  private let descriptor: Int32
  /// A dispatch source may be used from any thread; that its type does not say so is an omission.
  private nonisolated(unsafe) let source: any DispatchSourceRead

  /// Begins to watch.
  init(_ folder: String) throws {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard descriptor >= 0 else {
      throw Failure("inotify: \(String(cString: strerror(errno))) (fs.inotify.max_user_instances?)")
    }
    let (changes, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "watch"))
    source.setEventHandler {
      var buffer = [UInt8](repeating: 0, count: 64 << 10)
      while read(descriptor, &buffer, buffer.count) > 0 {}
      sink.yield()
    }
    source.setCancelHandler { close(descriptor) }
    source.activate()
    (self.changes, self.folder, self.descriptor, self.source) = (changes, folder, descriptor, source)
    lookAgain()
  }

  deinit {
    source.cancel()
  }

  /// Takes in folders that have come since; those that are known stay as they are.
  func lookAgain() {
    let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE) | UInt32(IN_ONLYDIR)
    let entries = FileManager.default.enumerator(
      at: URL(filePath: folder), includingPropertiesForKeys: [.isDirectoryKey], options: [.skipsHiddenFiles])
    let below = entries?.compactMap { entry in
      (entry as? URL).flatMap {
        (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true ? $0.path : nil
      }
    }
    for path in [folder] + (below ?? []) { _ = inotify_add_watch(descriptor, path, mask) }
  }
}
