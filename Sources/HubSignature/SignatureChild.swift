import CProcess
import CSignature
import FoundationEssentials
import Glibc

/// The process in which ``SignatureCheck`` has a file looked at.
public enum SignatureChild {
  /// The hidden command of `lgsp` that calls ``serve()``.
  public static let command = "signature-check"
  /// This program was not started by a hub.
  public struct NoHub: Error {}

  /// Address space that a program takes before it does anything.
  static let startBytes = 2 << 30
  /// Most bytes of a result.
  static let resultBytesMax = 4 << 20

  /// Verifies the file at the standard input, writes what came of it, and ends the process.
  ///
  /// - Throws: ``NoHub`` when the standard input is not a hub's socket.
  public static func serve() throws(NoHub) -> Never {
    var status = stat()
    guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { throw NoHub() }
    // Trust comes from the hub and says how much memory there is; what comes behind it from anywhere.
    guard let length = read(8).map({ $0.reduce(0) { $0 << 8 | Int($1) } }), length <= 256 << 20,
      let head = read(length), let job = try? JSONDecoder().decode(SignatureJob.self, from: Data(head))
    else { exit(3) }
    csig_setup()
    guard cprocess_confine(job.limits.memoryMax) == 0 else { exit(2) }
    let result = SignatureVerifier(trust: job.trust, limits: job.limits).verify(rest(), now: job.now)
    guard let text = try? JSONEncoder().encode(result), write(Array(text)) else { exit(4) }
    exit(0)
  }

  private static func read(_ count: Int) -> [UInt8]? {
    var (bytes, done) = ([UInt8](repeating: 0, count: count), 0)
    while done < count {
      let got = bytes.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress.map { $0 + done }, count - done) }
      guard got > 0 else { return nil }
      done += got
    }
    return bytes
  }

  private static func rest() -> [UInt8] {
    var (bytes, room) = ([UInt8](), [UInt8](repeating: 0, count: 256 << 10))
    while true {
      let got = room.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) }
      guard got > 0 else { return bytes }
      bytes += room[..<got]
    }
  }

  private static func write(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let sent = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress.map { $0 + done }, bytes.count - done) }
      guard sent > 0 else { return false }
      done += sent
    }
    return true
  }
}
