internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// Checks who calls: Basic authentication with a password that is derived from address, user, time and secret.
struct CitizenAccounts {
  var secrets: [String: String]
  let url: String?
  let clockWindow: Duration
  let apiKey: String?

  /// The code of what is wrong; nil when the caller is who he says he is and his clock is right.
  func refusal(of request: ServedRequest, at now: Timestamp) -> CitizenFault.Code? {
    if let apiKey, request.headers["ApiKey"] != apiKey { return .credentials }
    guard let (user, password) = Self.basic(request.headers["Authorization"]), let secret = secrets[user],
      let stamp = request.headers["timestamp"], let time = Self.time(stamp)
    else { return .credentials }
    let isGood = addresses(of: request).contains { address in
      Self.hash(address + user + stamp + secret) == password
    }
    guard isGood else { return .credentials }
    let distance = time < now ? now - time : time - now
    return distance > clockWindow ? .clock : nil
  }

  /// The address as the caller may have written it: with or without the slash of an empty path.
  private func addresses(of request: ServedRequest) -> [String] {
    if let url { return [url] }
    let address = "http://\(request.headers["Host"] ?? "")\(request.path)"
    return address.hasSuffix("/") ? [address, String(address.dropLast())] : [address]
  }

  private static func basic(_ field: String?) -> (user: String, password: String)? {
    guard let field, field.lowercased().hasPrefix("basic "), let data = Data(base64Encoded: String(field.dropFirst(6)))
    else { return nil }
    let pair = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(String.init)
    return pair.count == 2 ? (pair[0], pair[1]) : nil
  }

  /// Seconds or milliseconds: thirteen digits are milliseconds until the year 2286.
  private static func time(_ text: String) -> Timestamp? {
    guard let number = Int64(text), number > 0, text.utf8.count <= 13 else { return nil }
    return Timestamp(microseconds: number * (text.utf8.count >= 13 ? 1000 : 1_000_000))
  }

  private static func hash(_ text: String) -> String {
    var hasher = SHA256()
    Array(text.utf8).withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return hasher.finalize().map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
