internal import Dispatch
internal import JSONWire

extension OffPool {
  /// Dispatch's threads, of which no task waits for one.
  static let dispatch = OffPool { work in DispatchQueue.global().async(execute: work) }
}
