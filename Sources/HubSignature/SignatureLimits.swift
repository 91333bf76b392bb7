/// How much may be spent on one file.
public struct SignatureLimits: Sendable, Codable, Hashable {
  /// Largest file, in bytes.
  public var fileBytesMax: Int
  /// Most signatures.
  public var signaturesMax: Int
  /// Most memory of a process that looks at one file, in bytes, beyond what it needs to start.
  public var memoryMax: Int
  /// Most time for one file.
  public var timeMax: Duration

  /// Sets limits.
  public init(
    fileBytesMax: Int = 64 << 20, signaturesMax: Int = 64, memoryMax: Int = 512 << 20, timeMax: Duration = .seconds(20)
  ) {
    (self.fileBytesMax, self.signaturesMax) = (fileBytesMax, signaturesMax)
    (self.memoryMax, self.timeMax) = (memoryMax, timeMax)
  }
}

/// Whom one trusts, and what one was told about revocation.
public struct SignatureTrust: Sendable, Hashable {
  /// Certificates that are trusted as they are, roots or authorities below: files in PEM (any number each) or DER.
  public var roots: [[UInt8]]
  /// Lists of revoked certificates: files in PEM or DER. They are believed as far as an authority signed them.
  public var crls: [[UInt8]]

  /// Names whom one trusts.
  public init(roots: [[UInt8]] = [], crls: [[UInt8]] = []) {
    (self.roots, self.crls) = (roots, crls)
  }

  /// How many certificates a file holds; 0 when it is no file of certificates.
  public static func certificates(in file: [UInt8]) -> Int { SignatureCase().addRoots(file) }

  /// How many lists of revoked certificates a file holds; 0 when it is no file of such.
  public static func lists(in file: [UInt8]) -> Int { SignatureCase().addLists(file) }
}
