internal import HubJournal
internal import HubKit
internal import Synchronization

/// What an attempt needs of an open exchange: made by the planner, and made again when memory was short.
struct Work: Sendable {
  var envelope: Envelope
  var body: Body
  var mediaType: String?
  /// What is asked on the way, by name of the call.
  var calls: [String: [UInt8]] = [:]
}

/// A message as planning needs it: from the journal, or still in memory from its receipt.
struct Arrival: Sendable {
  let id: ExchangeID
  let message: Message
  let receivedAt: Timestamp
  let businessKeys: [BusinessKey]
  /// Digest of the configuration to which it is pinned.
  let configuration: String

  init(_ new: NewExchange) {
    id = new.id
    message = new.message
    receivedAt = new.receivedAt
    businessKeys = new.businessKeys.filter { !$0.personal }
    configuration = new.configuration
  }

  init?(_ stored: StoredExchange) {
    // A masked body may be shown, but it is not what was to be sent.
    guard let message = stored.message, !stored.isMasked else { return nil }
    id = stored.id
    self.message = message
    receivedAt = stored.receivedAt
    businessKeys = stored.businessKeys
    configuration = stored.configuration
  }
}

/// Messages that have just been received, until they are planned: reading them back from the journal would cost as much
/// as writing them. What finds no room is read back.
final class Arrivals: Sendable {
  private let bytesMax: Int
  private let contents = Mutex<(entries: [ExchangeID: Arrival], bytes: Int)>(([:], 0))

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  func add(_ arrival: Arrival) {
    contents.withLock { contents in
      guard contents.bytes < bytesMax else { return }
      contents.bytes += arrival.message.body.byteCount
      contents.entries[arrival.id] = arrival
    }
  }

  func take(_ id: ExchangeID) -> Arrival? {
    contents.withLock { contents in
      guard let arrival = contents.entries.removeValue(forKey: id) else { return nil }
      contents.bytes -= arrival.message.body.byteCount
      return arrival
    }
  }
}

/// Keeps the work of open exchanges in memory up to a number of bytes, oldest out first. What is not here is read
/// from the journal and planned again: the planner is deterministic.
final class WorkCache: Sendable {
  private struct Contents {
    var entries: [ExchangeID: Work] = [:]
    var order: [ExchangeID] = []
    var bytes = 0
  }

  private let bytesMax: Int
  private let contents = Mutex(Contents())

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  subscript(id: ExchangeID) -> Work? { contents.withLock { $0.entries[id] } }

  func insert(_ work: Work, for id: ExchangeID) {
    contents.withLock { contents in
      contents.bytes += work.inlineBytes
      if let old = contents.entries.updateValue(work, forKey: id) {
        contents.bytes -= old.inlineBytes
      } else {
        contents.order.append(id)
      }
      var dropped = 0
      while contents.bytes > bytesMax, dropped < contents.order.count {
        if let old = contents.entries.removeValue(forKey: contents.order[dropped]) { contents.bytes -= old.inlineBytes }
        dropped += 1
      }
      contents.order.removeFirst(dropped)
    }
  }

  func remove(_ id: ExchangeID) {
    contents.withLock { contents in
      guard let old = contents.entries.removeValue(forKey: id) else { return }
      contents.bytes -= old.inlineBytes
      if contents.order.count > 2 * contents.entries.count + 1024 {
        contents.order.removeAll { contents.entries[$0] == nil }
      }
    }
  }
}

extension Work {
  fileprivate var inlineBytes: Int {
    let asked = calls.values.reduce(1024) { $0 + $1.count }
    return if case .inline(let bytes) = body { bytes.count + asked } else { asked }
  }
}
