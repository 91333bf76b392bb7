import CSignature
import HubKit

/// What OpenSSL knows while one file is looked at.
final class SignatureCase {
  private let known: OpaquePointer

  init() {
    guard let known = csig_case_new() else { fatalError("no memory") }
    self.known = known
  }

  deinit { csig_case_free(known) }

  /// - Returns: how many certificates there were.
  func addRoots(_ file: [UInt8]) -> Int {
    Int(file.withUnsafeBytes { csig_case_add_roots(known, csig_bytes($0[...])) })
  }

  /// - Returns: how many lists there were.
  func addLists(_ file: [UInt8]) -> Int { Int(file.withUnsafeBytes { csig_case_add_crls(known, csig_bytes($0[...])) }) }

  /// Keeps what is a certificate, a list or an OCSP answer.
  func addFound(_ der: [UInt8]) { _ = der.withUnsafeBytes { csig_case_add_found(known, csig_bytes($0[...])) } }

  /// Verifies the signature that stands at a place.
  ///
  /// - Parameters:
  ///   - now: when its certificate is judged if nothing is proven.
  ///   - proven: when it was there already, if a later time stamp says so.
  func verify(
    _ place: SignaturePlace, kind: csig_kind, in pdf: [UInt8], now: Timestamp, proven: Timestamp?
  ) -> csig_answer {
    var answer = csig_answer()
    pdf.withUnsafeBytes { pdf in
      place.contents.withUnsafeBytes { contents in
        var question = csig_question(
          kind: kind, contents: csig_bytes(contents[...]), before: csig_bytes(pdf[..<place.gap.lowerBound]),
          after: csig_bytes(pdf[place.gap.upperBound..<place.end]), now: now.microseconds / 1_000_000,
          proven: proven.map { $0.microseconds / 1_000_000 } ?? 0)
        csig_verify(known, &question, &answer)
      }
    }
    return answer
  }
}

extension csig_bytes {
  init(_ bytes: Slice<UnsafeRawBufferPointer>) {
    let bytes = UnsafeRawBufferPointer(rebasing: bytes).bindMemory(to: UInt8.self)
    self.init(bytes: bytes.baseAddress, count: bytes.count)
  }
}
