internal import HubKit

/// Finds the marks of state secrets in the header of a message, in its manifest and beside its attachments. Running
/// text is not searched for the words: a circular about the protection of secrets is no secret. ``SecretScan`` says
/// what a mark is.
enum SecretMarker {
  /// Names of persons and places may be these words; a signature holds none.
  private static let passedOver: Set<String> = ["Signature", "FullName", "Staff", "Place", "Email"]
  private static let names: Set<String> = ["AttachmentName"]
  /// Up to here `Content` is one sentence, which may bear a mark as a subject does, in bytes.
  private static let summaryBytesMax = 240
  private static let fields: Set<String> = [
    "security", "securitylevel", "securitydegree", "domat", "mucdomat", "classification", "secretlevel",
    "secretdegree", "secrecy", "confidentiality", "confidentialitylevel", "dataclassification",
  ]

  /// The marks, in order; each named by its element.
  static func find(in message: EdXMLMessage) -> [SecretMark] {
    var marks: [SecretMark] = []
    search(message.root, &marks)
    return marks
  }

  private static func search(_ element: EdXMLElement, _ marks: inout [SecretMark]) {
    let name = element.name.local
    if passedOver.contains(name) { return }
    for attribute in element.attributes where fields.contains(attribute.name.local.lowercased()) {
      marks += SecretScan.marks(in: attribute.value, as: .field, at: attribute.name.local)
    }
    let children = element.children
    for child in children { search(child, &marks) }
    let own = element.text
    guard children.isEmpty, !own.isEmpty else { return }
    marks += SecretScan.marks(in: own, as: kind(of: name, own), at: name)
  }

  private static func kind(of name: String, _ text: String) -> SecretScan.Kind {
    if fields.contains(name.lowercased()) { return .field }
    if names.contains(name) { return .name }
    return name == "Content" && text.utf8.count > summaryBytesMax ? .content : .title
  }
}
