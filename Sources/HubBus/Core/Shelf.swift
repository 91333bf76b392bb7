internal import HubKit

/// What waits on the disk for one endpoint, since memory holds a window only.
///
/// All deliveries with a sequence up to `loadedTo` are in memory or have ended; those behind it are on the disk, and
/// what comes new goes behind them. So the order of the sequence is kept without knowing what lies there.
struct Shelf {
  /// A page that is being read.
  struct Reading: Equatable {
    /// The lane whose rest is read; nil: what is next for the endpoint.
    let lane: EndpointSeat.LaneName?
    /// Behind this sequence, and up to that one.
    let after: Int64, through: Int64
    let limit: Int
    /// Lanes that stay on the disk: barred, with more behind them than memory holds.
    let without: [EndpointSeat.LaneName]
  }

  /// Most exchanges of a page: they are in memory whole while it is taken in.
  static let pageMax = 256

  /// Nil: nothing waits on the disk, save behind barred lanes.
  var loadedTo: Int64?
  /// The highest sequence that ever stood in a lane.
  var highest: Int64 = 0
  /// How many wait on the disk.
  var count = 0
  /// Lanes that have come to the end of what was in memory.
  var exhausted: [EndpointSeat.LaneName] = []
  var reading: Reading?
  /// Deliveries that came while a page was being read: whether it holds those before them is known when it is here.
  var undecided: [DeliveryRef] = []
}

/// How much is open.
struct OpenLoad: Equatable, CustomStringConvertible {
  var count = 0
  /// Bytes of bodies.
  var bytes = 0

  var description: String { "\(count) exchanges with \(bytes) bytes" }

  static func += (load: inout OpenLoad, other: OpenLoad) {
    load.count += other.count
    load.bytes += other.bytes
  }

  static func -= (load: inout OpenLoad, other: OpenLoad) {
    load.count -= other.count
    load.bytes -= other.bytes
  }
}

extension BusCore {
  /// All exchanges that are not settled, in memory or asleep.
  var openLoad: OpenLoad {
    OpenLoad(count: exchanges.count + asleepCount, bytes: openBytes)
  }
}

// MARK: - The window in memory

extension EndpointSeat {
  /// Deliveries that count against the window: those behind barred lanes have one of their own.
  var residentCount: Int { queuedCount - heldCount }

  /// Whether a delivery may wait in memory. When it may not, it waits on the disk, and so does all that comes later.
  func admits(_ sequence: Int64, lane name: LaneName) -> Bool {
    // It is opened to be parked.
    if isGone { return true }
    if let lane = lanes[name] {
      if let loadedTo = lane.loadedTo {
        if sequence > loadedTo { return false }
      } else if case .held = lane.phase, lane.queue.count >= policy.windowMax, let last = lane.queue.last?.sequence,
        sequence > last
      {
        lanes[name]?.loadedTo = last
        return false
      }
    }
    if let loadedTo = shelf.loadedTo { return sequence <= loadedTo }
    guard residentCount >= policy.windowMax, sequence > shelf.highest else { return true }
    shelf.loadedTo = shelf.highest
    return false
  }

  /// A delivery of the page that was read found no room and stays on the disk: its lane is in memory only up to the one
  /// before.
  func leave(_ sequence: Int64, lane name: LaneName) {
    guard let loadedTo = lanes[name]?.loadedTo, loadedTo >= sequence else { return }
    lanes[name]?.loadedTo = sequence - 1
  }

  /// Begins to read what is next, when half of the window is free. One page is read at a time.
  func beginReading() -> Shelf.Reading? {
    guard shelf.reading == nil else { return nil }
    while let name = shelf.exhausted.popLast() {
      guard let lane = lanes[name], let loadedTo = lane.loadedTo, lane.queue.isEmpty else { continue }
      shelf.reading = Shelf.Reading(
        lane: name, after: loadedTo, through: shelf.loadedTo ?? .max, limit: min(Shelf.pageMax, policy.windowMax),
        without: [])
      return shelf.reading
    }
    guard let loadedTo = shelf.loadedTo, residentCount * 2 <= policy.windowMax else { return nil }
    shelf.reading = Shelf.Reading(
      lane: nil, after: loadedTo, through: .max, limit: min(Shelf.pageMax, max(1, policy.windowMax - residentCount)),
      without: lanes.compactMap { $0.value.loadedTo == nil ? nil : $0.key })
    return shelf.reading
  }

  /// The page that was being read is here.
  ///
  /// - Parameter through: the last sequence that it holds; nil: nothing is left.
  /// - Returns: deliveries that came meanwhile, whose place is to be decided now.
  func endReading(through: Int64?) -> [DeliveryRef] {
    guard let reading = shelf.reading else { return [] }
    shelf.reading = nil
    if let name = reading.lane {
      // What lies beyond the endpoint's own pages comes with them.
      lanes[name]?.loadedTo = through
    } else {
      shelf.loadedTo = through
      if through == nil, lanes.values.allSatisfy({ $0.loadedTo == nil }) { shelf.count = 0 }
    }
    defer { shelf.undecided = [] }
    return shelf.undecided
  }

  /// Nothing of a lane is in memory any more: it goes, or the rest of it is asked for.
  func endLane(_ name: LaneName) {
    if let barrier = lanes[name]?.barriers.first {
      lanes[name]?.phase = .held(by: barrier.ref)
    } else if lanes[name]?.loadedTo == nil {
      lanes[name] = nil
    } else {
      lanes[name]?.phase = .ready
      shelf.exhausted.append(name)
    }
  }
}
