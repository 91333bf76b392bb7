internal import HubKit

/// All that the axis knows. Changed under one lock; every change depends on its arguments alone.
struct AxisState {
  /// An agency with an account.
  struct Agency {
    var code: String
    var name: String
    var system: String
  }

  /// Where an item stands.
  enum ItemState: String { case initial, processing, done, fail }

  /// One message for one receiver.
  struct Item {
    var docId: String
    var senderDocId: String
    var messageType: String
    var from: String
    var to: String
    var bytes: [UInt8]
    var digest: String
    var summary: EdXMLSummary
    var createdAt: Timestamp
    var updatedAt: Timestamp
    var state: ItemState
    var stateDescription: String
    /// An office has answered it.
    var answered: Bool

    /// Whether it stands in the list of received items.
    var waits: Bool { state == .initial || state == .processing }
  }

  var systems: [String: String] = [:]
  private(set) var agencies: [Agency] = []
  private(set) var items: [Item] = []
  var faults: [AxisFault] = []
  var offices: Set<String> = []
  var officeStatuses = ["01", "03"]
  private var index: [String: Int] = [:]
  /// Positions of the items that wait for an agency, oldest first: lists must not slow down as history grows.
  private var waiting: [String: [Int]] = [:]
  private var sent: [String: String] = [:]
  private var number = 0
  /// Tells the names of this start from those of earlier ones: a real axis never gives a name twice.
  private let start: String

  init(startedAt: Timestamp) {
    start = String(startedAt.microseconds / 1000, radix: 36)
  }

  // MARK: - Agencies

  func agency(_ code: String) -> Agency? { agencies.first { $0.code == code } }

  /// Adds an agency, or gives it another name or owner.
  mutating func register(_ agency: Agency) {
    if let index = agencies.firstIndex(where: { $0.code == agency.code }) {
      agencies[index] = agency
    } else {
      agencies.append(agency)
    }
  }

  mutating func removeAgency(_ code: String, of system: String) -> Bool {
    let count = agencies.count
    agencies.removeAll { $0.code == code && $0.system == system }
    return agencies.count < count
  }

  func owns(_ system: String, _ code: String) -> Bool { agency(code)?.system == system }

  // MARK: - Items

  /// Takes a message for each of its receivers. The same bytes from the same sender to the same receivers are taken
  /// once: the second time the first name is given again.
  mutating func take(_ file: AxisFile, at time: Timestamp) -> String {
    let key = ([file.from, file.summary.documentId, file.digest] + file.to).joined(separator: "\n")
    if let known = sent[key] { return known }
    number += 1
    let senderDocId = name("s", number)
    for receiver in file.to {
      number += 1
      add(
        Item(
          docId: name("r", number), senderDocId: senderDocId, messageType: file.messageType, from: file.from,
          to: receiver, bytes: file.bytes, digest: file.digest, summary: file.summary, createdAt: time,
          updatedAt: time, state: .initial, stateDescription: "", answered: false))
    }
    sent[key] = senderDocId
    return senderDocId
  }

  private mutating func add(_ item: Item) {
    index[item.docId] = items.count
    waiting[item.to, default: []].append(items.count)
    items.append(item)
  }

  /// What waits for some agencies, oldest first.
  func waitingItems(for codes: some Sequence<String>) -> [Item] {
    codes.flatMap { waiting[$0] ?? [] }.sorted().map { items[$0] }
  }

  func item(_ docId: String) -> Item? { index[docId].map { items[$0] } }

  mutating func mark(_ docId: String, _ state: ItemState, description: String, at time: Timestamp) {
    guard let position = index[docId] else { return }
    let waited = items[position].waits
    items[position].state = state
    items[position].stateDescription = description
    items[position].updatedAt = time
    guard items[position].waits != waited else { return }
    let receiver = items[position].to
    if waited {
      waiting[receiver]?.removeAll { $0 == position }
    } else {
      waiting[receiver] = ((waiting[receiver] ?? []) + [position]).sorted()
    }
  }

  mutating func markAnswered(_ docId: String) {
    guard let position = index[docId] else { return }
    items[position].answered = true
  }

  /// Names are dull on purpose: the same start and the same calls give the same names.
  private func name(_ letter: String, _ number: Int) -> String {
    let digits = String(number)
    return "\(letter)-\(start)-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

/// One file as it was sent.
struct AxisFile {
  var messageType: String
  var from: String
  var to: [String]
  var bytes: [UInt8]
  var digest: String
  var summary: EdXMLSummary
}

/// What the axis reads of a file's header.
struct EdXMLSummary {
  var documentId: String
  var title: String
  var notation: String
}
