internal import FoundationEssentials

/// A row of the list of received items.
public struct AxisReceivedRow: Encodable, Sendable {
  var docId, serviceType, messageType, created, updated, from, to, status, statusDescription: String

  enum CodingKeys: String, CodingKey {
    case docId, serviceType, messageType, from, to, status
    case created = "created_time"
    case updated = "updated_time"
    case statusDescription = "status_desc"
  }

  /// Creates a row; times as ``AxisAnswer/time(_:)`` writes them.
  public init(
    docId: String, messageType: String, created: String, updated: String, from: String, to: String, status: String,
    statusDescription: String
  ) {
    serviceType = "eDoc"
    (self.docId, self.messageType, self.created, self.updated) = (docId, messageType, created, updated)
    (self.from, self.to, self.status, self.statusDescription) = (from, to, status, statusDescription)
  }
}

/// A row of the list of sent items: one for each receiver.
public struct AxisSentRow: Encodable, Sendable {
  var serviceType = "eDoc"
  /// `edoc` or `status`.
  public var messageType = ""
  /// The name that the sender was given, and the receiver's own.
  public var senderDocId = ""
  /// See ``senderDocId``.
  public var receiverDocId = ""
  /// Code of the sender.
  public var fromCode = ""
  /// Code of the receiver.
  public var toCode = ""
  /// What it is about.
  public var title = ""
  /// Number and notation.
  public var notation = ""
  /// When it was sent, and when its state changed last.
  public var sentTime = ""
  /// See ``sentTime``.
  public var receivedTime = ""
  /// Where it stands on its way in.
  public var sendStatus = "done"
  /// The same in words.
  public var sendStatusDesc = ""
  /// Where it stands at its receiver.
  public var receiveStatus = ""
  /// The same in words.
  public var receiveStatusDesc = ""

  /// Creates a row that says nothing yet.
  public init() {}
}

/// A row of a list of agencies.
public struct AxisAgencyRow: Encodable, Sendable {
  /// Which of the three lists it stands in.
  public enum Shape: Sendable {
    /// `getAgenciesList`.
    case plain
    /// `getAgenciesListQD20`: with the form of QCVN 102:2016 of the code.
    case decision20
    /// `getSynchronizeUnit`.
    case unit
  }

  var id, pid, code, name, mail, oldCode: String
  var code102, version, centerCode, modifyDate: String?
  var deleted, isAgency: Bool?

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - number: place in the list, from 1.
  ///   - oldCode: the older form of the code.
  ///   - system: name of the system that it is reached by.
  public init(number: Int, code: String, name: String, oldCode: String, system: String, _ shape: Shape) {
    (id, pid, self.code, self.name, mail) = (String(number), "0", code, name, "")
    self.oldCode = oldCode
    if shape == .decision20 { code102 = oldCode }
    guard shape == .unit else { return }
    (version, centerCode, modifyDate, deleted, isAgency) = ("1", system, "", false, true)
  }
}

/// Why a call failed. The axis' own list is not public; these words come from a provincial variant of the interface.
public enum AxisFailure: String, Sendable, CaseIterable {
  /// The file is not what was announced.
  case badFile = "10"
  /// System or signature is wrong.
  case badSignature = "15"
  /// A receiver is not known.
  case unknownReceiver = "18"
  /// The sender is not registered, or may not send this.
  case unknownSender = "19"
  /// A fault of the axis itself: to be tried again.
  case system = "20"
  /// The file cannot be processed.
  case unprocessable = "21"
  /// The file is no edXML.
  case noEdXML = "22"
  /// The receiver cannot take anything now.
  case receiverLocked = "23"
}
