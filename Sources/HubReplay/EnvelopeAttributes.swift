internal import HubKit

extension Envelope {
  /// An envelope from its attributes by CloudEvents name, as in the JSON event format (CloudEvents 1.0.2, JSON format,
  /// section 2); what is missing of id, source and type is empty.
  init(attributes: [String: String]) {
    self.init(
      id: attributes["id"] ?? "", source: attributes["source"] ?? "", type: attributes["type"] ?? "",
      subject: attributes["subject"], time: attributes["time"].flatMap(Timestamp.init(rfc3339:)),
      dataContentType: attributes["datacontenttype"], dataSchema: attributes["dataschema"])
    let own: Set = [
      "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
    ]
    extensions = attributes.filter { !own.contains($0.key) }
  }
}
