internal import HubKit

// What the core knows of redelivery jobs: which of them put a delivery back, so that its end is counted there. The
// steps of the exchange say it, so a restart knows it too.

extension BusCore {
  /// What a record tells of a redelivery job.
  struct Redelivered: Equatable {
    enum End { case putBack, delivered, failed }

    var job: Int64
    /// Which delivery, from 1; nil: the message, which was planned again.
    var delivery: Int?
    var end: End
  }
}

extension ExchangeSeat {
  /// What the steps that no record holds yet tell of redelivery jobs.
  ///
  /// - Parameter state: where the exchange stands after them.
  func redelivered(_ state: ExchangeState) -> [BusCore.Redelivered] {
    guard job != nil || deliveries.contains(where: { $0.job != nil }) else { return [] }
    var found: [BusCore.Redelivered] = unwritten.compactMap(redelivered)
    if let job, state.isSettled {
      found.append(BusCore.Redelivered(job: job, delivery: nil, end: state == .delivered ? .delivered : .failed))
    }
    return found
  }

  private func redelivered(_ entry: TimelineEntry) -> BusCore.Redelivered? {
    switch entry.name {
    case .redriven, .replanned:
      return entry.job.map { BusCore.Redelivered(job: $0, delivery: entry.delivery, end: .putBack) }
    default:
      // The words for ends of deliveries are the same in both.
      guard let end = DeliveryState(rawValue: entry.name.rawValue), end.isEnd, let number = entry.delivery,
        deliveries.indices.contains(number - 1), let job = deliveries[number - 1].job
      else { return nil }
      return BusCore.Redelivered(job: job, delivery: number, end: end == .delivered ? .delivered : .failed)
    }
  }
}
