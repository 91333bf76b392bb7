internal import HubBus
internal import HubKit

/// Counts the documents of a month, event by event. Keeps a row of numbers for each receiver of a document, and nothing
/// of its content: about two hundred bytes each.
struct DocumentTally {
  fileprivate struct Row {
    let receiver: Int32
    /// The next receiver of the same document; negative: none.
    var next: Int32
    var exchange: ExchangeID
    let since: Timestamp
    var state = DocumentLife.State.sent
    /// Whether it lies among the dead letters.
    var isStuck = false
    /// When the receiver was heard of first, and when statuses 01, 03 and 06 moved the document on.
    var first, arrived, accepted, completed: Timestamp?
  }

  private let month: CalendarMonth
  private let range: Range<Timestamp>
  private var codes: [OrganisationCode] = []
  private var numbers: [OrganisationCode: Int32] = [:]
  private var sent: [Int32: Int] = [:]
  private var rows: [Row] = []
  /// The first row of each document.
  private var documents: [String: Int32] = [:]

  init(_ month: CalendarMonth) {
    (self.month, range) = (month, month.range)
  }

  /// Takes in a record.
  mutating func apply(_ event: FeedEvent) {
    for news in event.news.compactMap(DocumentNews.init) {
      switch news {
      case .sent(let sent): if range.contains(sent.at) { take(sent) }
      case .answered(let document, let whose, let code, let time):
        for receiver in whose { change(document, receiver) { $0.take(code, at: time) } }
      case .ended(let document, let exchange, let receiver, let state):
        change(document, receiver) { row in
          if row.exchange == exchange { row.isStuck = state != .delivered }
        }
      case .failed(let document, let exchange):
        var index = documents[document] ?? -1
        while index >= 0 {
          if rows[Int(index)].exchange == exchange { rows[Int(index)].isStuck = true }
          index = rows[Int(index)].next
        }
      }
    }
  }

  private mutating func take(_ document: DocumentNews.Sent) {
    if documents[document.document] == nil, let sender = document.sender { sent[number(sender), default: 0] += 1 }
    for receiver in document.receivers {
      var isKnown = false
      change(document.document, receiver) { row in
        isKnown = true
        if row.isStuck { (row.exchange, row.isStuck) = (document.exchange, false) }
      }
      guard !isKnown else { continue }
      rows.append(
        Row(
          receiver: number(receiver), next: documents[document.document] ?? -1, exchange: document.exchange,
          since: document.at))
      documents[document.document] = Int32(rows.count - 1)
    }
  }

  private mutating func change(_ document: String, _ receiver: OrganisationCode, _ change: (inout Row) -> Void) {
    guard var index = documents[document], let number = numbers[receiver] else { return }
    while index >= 0, rows[Int(index)].receiver != number { index = rows[Int(index)].next }
    if index >= 0 { change(&rows[Int(index)]) }
  }

  private mutating func number(_ code: OrganisationCode) -> Int32 {
    if let number = numbers[code] { return number }
    codes.append(code)
    numbers[code] = Int32(codes.count - 1)
    return Int32(codes.count - 1)
  }

  // MARK: - The figures

  /// The figures as they stand at a time.
  func result(at now: Timestamp, within: Duration) -> DocumentMonth {
    var total = Sums()
    var sums = codes.map { _ in Sums() }
    for row in rows {
      sums[Int(row.receiver)].add(row, at: now, within: within)
      total.add(row, at: now, within: within)
    }
    for (number, count) in sent {
      sums[Int(number)].figures.sent = count
      total.figures.sent += count
    }
    return DocumentMonth(
      month: month, madeAt: now, arrivalWithin: within,
      agencies: zip(codes, sums).map { DocumentMonth.Agency(code: $0, figures: $1.result) }
        .sorted { $0.code.text < $1.code.text },
      total: total.result)
  }

  fileprivate struct Sums {
    var figures = DocumentMonth.Figures()
    var arrived: [Duration] = []
    var accepted: [Duration] = []
    var completed: [Duration] = []

    mutating func add(_ row: Row, at now: Timestamp, within: Duration) {
      figures.received += 1
      figures.arrived += row.first == nil ? 0 : 1
      figures.accepted += row.state.isAccepted ? 1 : 0
      figures.refused += row.state == .refused ? 1 : 0
      figures.completed += row.state == .completed ? 1 : 0
      figures.undelivered += row.isStuck && row.first == nil ? 1 : 0
      figures.overdue += row.isOverdue(at: now, within: within) ? 1 : 0
      if let time = row.arrived { arrived.append(time - row.since) }
      if let time = row.accepted { accepted.append(time - row.since) }
      if let time = row.completed { completed.append(time - row.since) }
    }

    var result: DocumentMonth.Figures {
      var figures = figures
      figures.toArrive = DocumentMonth.Times(arrived)
      figures.toAccept = DocumentMonth.Times(accepted)
      figures.toComplete = DocumentMonth.Times(completed)
      return figures
    }
  }
}

extension DocumentTally.Row {
  /// A status moves it forward or not at all; the first one counts in either case.
  fileprivate mutating func take(_ code: String, at time: Timestamp) {
    let status = DocumentStatus(rawValue: code)
    if status != .takenBack { first = first ?? time }
    guard let next = status?.state, next.mayFollow(state) else { return }
    state = next
    switch next {
    case .arrived: arrived = time
    case .accepted: accepted = time
    case .completed: completed = time
    default: break
    }
  }

  fileprivate func isOverdue(at now: Timestamp, within: Duration) -> Bool {
    if let first { return first - since > within }
    return !isStuck && state != .takenBack && now - since >= within
  }
}

extension DocumentLife.State {
  fileprivate var isAccepted: Bool {
    switch self {
    case .accepted, .assigned, .processing, .completed: true
    default: false
    }
  }
}
