public import HubRouting

/// A far system that hands files over, as a manifest describes it.
public struct FilesManifest: Sendable {
  /// Where it is: `sftp://host` or `ftps://host`, without a path.
  public var base: HTTPTemplate
  /// Whether FTPS begins with TLS (port 990), or asks for it on the plain port (21).
  public var isImplicit: Bool
  /// The setting that holds the account's name.
  public var username: String
  /// The secret setting that holds its password.
  public var password: String?
  /// The secret setting that holds its private key (SFTP).
  public var privateKey: String?
  /// The setting that holds the SHA-256 of the server's key (SFTP).
  public var hostKey: String?
  /// Folders that are looked into regularly.
  public var sources: [FilesSource]
  /// What can be put there.
  public var operations: [FilesOperation]
}

/// A folder that is looked into regularly.
public struct FilesSource: Sendable {
  /// What happens to a file once the hub has it on its disk.
  public enum Afterwards: Sendable, Hashable {
    /// It goes to another folder.
    case move(HTTPTemplate)
    /// It is removed.
    case remove
    /// It stays; the cursor remembers it.
    case keep
  }

  /// When a file is whole.
  public enum Completeness: Sendable, Hashable {
    /// When neither its size nor its time has changed for so long.
    case settled(Duration)
    /// When a file of this name lies beside it; `{name}` stands for its own. The marker goes with it.
    case marker(HTTPTemplate)
  }

  /// Its name within the endpoint.
  public var name: String
  /// The folder, from the far system's root.
  public var folder: HTTPTemplate
  /// Which names are meant; `*` stands for any run of characters, `?` for one.
  public var pattern: String
  /// When a file is whole.
  public var complete: Completeness
  /// What happens to a file that the hub has.
  public var afterwards: Afterwards
  /// Where files go that the hub refuses for good; nil: they stay and are not read again until they change.
  public var refused: HTTPTemplate?
  /// A jq program over `{name, bytes, modified}` that gives the attributes of a CloudEvent; `type` is needed.
  public var event: TextSource
}

/// Something that can be put there: a message becomes a file.
public struct FilesOperation: Sendable {
  /// Name in routes.
  public var name: String
  /// What it does, in a sentence.
  public var summary: String
  /// The path of the file from the far system's root; each value is one name.
  public var path: HTTPTemplate
  /// jq programs over the canonical document, by the name under which the path uses what they give.
  public var values: [(name: String, jq: TextSource)]
  /// Changes of the body on its way out, in order.
  public var map: [RouteMapping]
}
