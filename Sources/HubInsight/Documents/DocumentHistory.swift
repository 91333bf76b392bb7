public import HubBus
public import HubKit

/// Tells the life of documents from the journal. Nothing is kept beside it: the answer is made when it is asked for.
public struct DocumentHistory: Sendable {
  /// Most exchanges that are read for one document.
  public static let exchangesMax = 10_000

  private let history: ExchangeHistory

  /// Reads from a journal.
  public init(_ history: ExchangeHistory) {
    self.history = history
  }

  /// The whole life of a document; nil when the hub never carried it.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func life(of documentId: String) throws -> DocumentLife? {
    let own = try history.messages(with: BusinessKey(name: "document", value: documentId), limit: Self.exchangesMax)
    let about = try history.messages(with: BusinessKey(name: "about", value: documentId), limit: Self.exchangesMax)
    // What a receiver answers to a recall names the recall.
    let changes = Set(about.compactMap(\.exchange.subject)).subtracting([documentId]).sorted()
    let answers = try changes.flatMap { id in
      try history.messages(with: BusinessKey(name: "document", value: id), limit: Self.exchangesMax)
    }
    var seen = Set<ExchangeID>()
    let all = (own + about + answers.filter { $0.exchange.type == EventTypes.documentStatus }).filter {
      EventTypes.isDocument($0.exchange.type) && seen.insert($0.exchange.id).inserted
    }
    guard !all.isEmpty else { return nil }
    var fold = DocumentFold(documentId)
    for message in all.sorted(by: { $0.sequence < $1.sequence }) {
      fold.take(message)
    }
    return fold.life
  }

  /// The documents that somebody may mean: by the document's own id, by its number and notation, or by an exchange that
  /// carried it or told of it.
  ///
  /// - Returns: ids of documents, oldest first.
  /// - Throws: `JournalError` when the journal cannot be read.
  public func find(_ text: String) throws -> [String] {
    if try !history.messages(with: BusinessKey(name: "document", value: text), limit: 1).isEmpty { return [text] }
    var messages = try history.messages(with: BusinessKey(name: "notation", value: text), limit: Self.exchangesMax)
    if messages.isEmpty, let id = ExchangeID(text), let message = try history.message(id) { messages = [message] }
    var seen = Set<String>()
    let documents = messages.filter { EventTypes.isDocument($0.exchange.type) }
    return documents.compactMap { $0.key("document") }.filter { seen.insert($0).inserted }
  }
}
