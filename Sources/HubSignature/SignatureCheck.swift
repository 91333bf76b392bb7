import Foundation
public import HubKit
import HubTransform

/// Verifies the signatures inside PDF files, each file in a process of its own with little memory, little time, an
/// empty environment, no files and no network: PDF files come from anywhere, and so do the certificates in them.
public struct SignatureCheck: Sendable {
  private let program: String
  private let arguments: [String]
  private let trust: SignatureTrust
  private let limits: SignatureLimits
  /// Where callers that do not block wait.
  private let desk: OperationQueue

  /// Creates a check.
  ///
  /// - Parameters:
  ///   - program: path of an executable that calls ``SignatureChild/serve()``.
  ///   - arguments: what it is called with, without its own name.
  ///   - width: most files at once through ``check(_:now:)``.
  public init(
    trust: SignatureTrust, limits: SignatureLimits = SignatureLimits(), program: String = "/proc/self/exe",
    arguments: [String] = [SignatureChild.command], width: Int = 2
  ) {
    (self.trust, self.limits, self.program, self.arguments) = (trust, limits, program, arguments)
    desk = OperationQueue()
    desk.maxConcurrentOperationCount = max(width, 1)
  }

  /// Verifies all signatures of a file. Blocks the thread until the process has ended: about as long as a program needs
  /// to start, more for large files, never longer than ``SignatureLimits/timeMax``.
  ///
  /// - Parameter now: when certificates are judged whose signature no time stamp proves to be older.
  public func verify(_ pdf: [UInt8], now: Timestamp) -> PDFSignatures {
    guard pdf.count <= limits.fileBytesMax else { return PDFSignatures(.tooLarge, checkedAt: now) }
    let job = SignatureJob(trust: trust, limits: limits, now: now)
    let allowed = ToolRun.Limits(
      memoryMax: limits.memoryMax + SignatureChild.startBytes, timeMax: limits.timeMax,
      outputBytesMax: SignatureChild.resultBytesMax)
    guard let input = try? job.frame(pdf), let run = try? ToolRun.run(program, arguments, input: input, allowed),
      run.status == 0, let result = try? JSONDecoder().decode(PDFSignatures.self, from: Data(run.output))
    else { return PDFSignatures(.notChecked, checkedAt: now) }
    return result
  }

  /// Verifies all signatures of a file without blocking a thread of Swift's pool; waits while as many others as allowed
  /// are being looked at. Files that cannot have a signature, for they are no PDF files or too large, cost nothing.
  public func check(_ pdf: [UInt8], now: Timestamp) async -> PDFSignatures {
    guard pdf.prefix(1024).firstRange(of: Array("%PDF-".utf8)) != nil else {
      return PDFSignatures(.notPDF, checkedAt: now)
    }
    return await withCheckedContinuation { continuation in
      desk.addOperation { continuation.resume(returning: verify(pdf, now: now)) }
    }
  }
}

/// What a process is told before it sees a file.
struct SignatureJob: Codable {
  private let roots, crls: [Data]
  let limits: SignatureLimits
  let now: Timestamp

  init(trust: SignatureTrust, limits: SignatureLimits, now: Timestamp) {
    (roots, crls) = (trust.roots.map { Data($0) }, trust.crls.map { Data($0) })
    (self.limits, self.now) = (limits, now)
  }

  var trust: SignatureTrust { SignatureTrust(roots: roots.map { Array($0) }, crls: crls.map { Array($0) }) }

  /// The length of what is told, that, and the file.
  func frame(_ pdf: [UInt8]) throws -> [UInt8] {
    let head = try JSONEncoder().encode(self)
    var frame = (0..<8).map { UInt8(truncatingIfNeeded: head.count >> (56 - 8 * $0)) }
    frame.reserveCapacity(8 + head.count + pdf.count)
    frame += head
    frame += pdf
    return frame
  }
}
