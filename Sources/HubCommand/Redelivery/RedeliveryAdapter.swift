internal import HubAdmin
internal import HubBus
internal import HubJournal

/// Redelivery in bulk, as the bus understands it.
extension ControlAdapter {
  func redeliver(
    _ order: ControlRedeliveryOrder, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlRedelivery {
    let filter = try DeadLetterFilter(order.filter)
    let job = try await obeyed { () async throws(OrderRefusal) in
      try await bus.redeliver(
        filter, rate: order.rate ?? ControlRedeliveryOrder.rateDefault, errorShareMax: order.errorShareMax,
        countMax: order.limit, by: by, reason: reason)
    }
    return ControlRedelivery(job)
  }

  func redeliveries(limit: Int) async throws(ControlRefusal) -> [ControlRedelivery] {
    try await obeyed { () async throws(OrderRefusal) in try bus.redeliveries(limit: limit) }
      .map { ControlRedelivery($0) }
  }

  func redelivery(_ number: Int64) async throws(ControlRefusal) -> ControlRedelivery {
    let (job, failures) = try await obeyed { () async throws(OrderRefusal) in try bus.redelivery(number) }
    var told = ControlRedelivery(job)
    told.failures = failures.map { failure in
      ControlRedelivery.Failure(id: failure.id, end: "\(failure.end)", reason: failure.reason)
    }
    return told
  }

  func setRedelivery(
    _ number: Int64, _ change: ControlRedelivery.Change, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlRedelivery {
    let state: RedeliveryJob.State =
      switch change {
      case .pause: .paused
      case .resume: .running
      case .stop: .stopped
      }
    return ControlRedelivery(
      try await obeyed { () async throws(OrderRefusal) in
        try await bus.setRedelivery(number, state, by: by, reason: reason)
      })
  }
}

extension DeadLetterFilter {
  init(_ told: ControlFilter) throws(ControlRefusal) {
    self.init()
    endpoint = told.endpoint
    route = told.route
    sender = told.sender
    receiver = told.receiver
    type = told.type
    code = told.code
    from = told.from
    to = told.to
    if let key = try told.keyParts() { (keyName, keyValue) = (key.name, key.value) }
  }
}

extension ControlFilter {
  fileprivate init(_ filter: DeadLetterFilter) {
    self.init()
    endpoint = filter.endpoint
    route = filter.route
    sender = filter.sender
    receiver = filter.receiver
    type = filter.type
    code = filter.code
    from = filter.from
    to = filter.to
    key = filter.keyName.map { "\($0)=\(filter.keyValue ?? "")" }
  }
}

extension ControlRedelivery {
  fileprivate init(_ job: RedeliveryJob) {
    let filter = ControlFilter(DeadLetterFilter(text: job.order.filter) ?? DeadLetterFilter())
    let order = ControlRedeliveryOrder(
      filter: filter, all: filter == ControlFilter() ? true : nil, rate: job.order.rate,
      errorShareMax: job.order.errorShareMax, limit: job.order.countMax)
    self.init(
      job: job.number, state: job.state.rawValue, stateSince: job.stateAt, stateBy: job.stateBy,
      stateReason: job.stateReason, order: order, by: job.order.by, reason: job.order.reason, ordered: job.order.at,
      selected: job.counts.selected, putBack: job.counts.putBack, refused: job.counts.refused,
      delivered: job.counts.delivered, failed: job.counts.failed)
  }
}
