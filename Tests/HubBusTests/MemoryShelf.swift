import HubKit

@testable import HubBus

/// What waits on the disk, as the journal keeps it: rows by exchange and delivery.
struct MemoryShelf {
  struct Entry {
    let id: ExchangeID
    let sequence: Int64
    let place: BusCore.ShelfPlace
    let expiry: Timestamp?
  }

  private(set) var entries: [Entry] = []

  mutating func take(_ record: BusCore.Record) {
    for place in record.shelved
    where !entries.contains(where: { $0.id == record.exchange && $0.place.delivery == place.delivery }) {
      entries.append(
        Entry(id: record.exchange, sequence: place.sequence, place: place, expiry: place.expiry))
    }
    if record.leavesShelf { entries.removeAll { $0.id == record.exchange } }
  }

  var ids: Set<ExchangeID> { Set(entries.map(\.id)) }

  var counts: [String: Int] { entries.reduce(into: [:]) { $0[$1.place.endpoint, default: 0] += 1 } }

  func page(_ endpoint: String, _ reading: Shelf.Reading) -> [ExchangeID] {
    let fitting = entries.filter { entry in
      entry.place.endpoint == endpoint && entry.sequence > reading.after && entry.sequence <= reading.through
        && (reading.lane.map { $0 == entry.place.lane } ?? !reading.without.contains(entry.place.lane))
    }
    return firsts(fitting, reading.limit)
  }

  func homes(of lanes: [BusCore.VersionedLane]) -> [BusCore.VersionedLane: BusCore.Home] {
    var homes: [BusCore.VersionedLane: BusCore.Home] = [:]
    for lane in lanes {
      let own = entries.filter { $0.place.lane == lane.lane && [lane.current, lane.next].contains($0.place.endpoint) }
      homes[lane] = own.max { $0.sequence < $1.sequence }
        .map { BusCore.Home(endpoint: $0.place.endpoint, newest: $0.sequence) }
    }
    return homes
  }

  func expired(by time: Timestamp) -> [ExchangeID] {
    firsts(entries.filter { entry in entry.expiry.map { $0 <= time } ?? false }, .max)
  }

  private func firsts(_ entries: [Entry], _ limit: Int) -> [ExchangeID] {
    var ids: [ExchangeID] = []
    for entry in entries.sorted(by: { $0.sequence < $1.sequence }) where !ids.contains(entry.id) {
      ids.append(entry.id)
    }
    return Array(ids.prefix(limit))
  }
}
