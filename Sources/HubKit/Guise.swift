/// Says that a format is another way to write one that the hub keeps: JSON for systems that do not speak edXML. The
/// two share a canonical document. The door turns a message into the format that is kept, and from there on it is a
/// message like any other; on the way out an endpoint that wants the guise gets it.
public struct Guise: Sendable, Hashable {
  /// Name of the codec whose format the hub keeps.
  public var format: String
  /// Media type of what is kept.
  public var keptMediaType: String
  /// Media type of the guise itself.
  public var mediaType: String
  /// Event types of messages in the guise, each with the one that it stands for. They alone tell the guise: its bytes
  /// look like any other.
  public var types: [String: String]

  /// Creates a guise.
  public init(of format: String, keptMediaType: String, mediaType: String, types: [String: String]) {
    self.format = format
    self.keptMediaType = keptMediaType
    self.mediaType = mediaType
    self.types = types
  }

  /// The event type by which a message of a type goes out in the guise; nil: it never does.
  public func outerType(of type: String) -> String? { types.first { $0.value == type }?.key }
}
