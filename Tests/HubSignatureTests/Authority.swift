import Foundation
import HubTransform
import Synchronization

/// Authorities, persons, agencies and a time stamp service, made anew for each run of the tests with the `openssl` tool.
final class Authority: Sendable {
  static let shared = Authority()

  private let folder: String
  private let lock = Mutex(0)

  enum Person: String, CaseIterable {
    case person, agency, revoked, server, stranger, tsa, strangeTSA
  }

  private init() {
    folder = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    removeAtExit(folder)
    write("openssl.cnf", configuration)
    for authority in ["root", "sub", "rogue"] {
      write("\(authority).index", "")
      write("\(authority).crlnumber", "01\n")
    }
    for root in ["root", "rogue"] {
      openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9000", "-config",
        "\(folder)/openssl.cnf", "-subj", "/O=Ban Cơ yếu/CN=\(root == "root" ? "Gốc thử nghiệm" : "Gốc lạ")", "-utf8",
        "-extensions", "authority", "-keyout", path("\(root).key"), "-out", path("\(root).crt"))
    }
    issue("sub", "/O=Ban Cơ yếu/CN=CA thử nghiệm", by: "root", "authority", days: 9000)
    issue("person", "/O=UBND thành phố/CN=Nguyễn Thử Nghiệm", by: "sub", "signer", rsa: true)
    issue("agency", "/O=UBND thành phố/CN=Sở Thử nghiệm", by: "sub", "signer")
    issue("revoked", "/O=UBND thành phố/CN=Trần Đã Thu Hồi", by: "sub", "signer")
    issue("server", "/CN=localhost", by: "sub", "server")
    issue("stranger", "/O=UBND thành phố/CN=Nguyễn Thử Nghiệm", by: "rogue", "signer")
    issue("tsa", "/O=Ban Cơ yếu/CN=Dấu thời gian", by: "root", "stamp", days: 8000)
    issue("strangeTSA", "/O=Ban Cơ yếu/CN=Dấu thời gian", by: "rogue", "stamp", days: 8000)
    openssl("ca", "-config", path("openssl.cnf"), "-name", "sub", "-revoke", path("revoked.crt"))
    for authority in ["sub", "root"] {
      openssl("ca", "-config", path("openssl.cnf"), "-name", authority, "-gencrl", "-out", path("\(authority).crl"))
    }
  }

  private func removeAtExit(_ folder: String) {
    Self.made.withLock { made in
      if made.isEmpty { atexit { Authority.made.withLock { for each in $0 { removeAll(each) } } } }
      made.append(folder)
    }
  }

  private static let made = Mutex<[String]>([])

  private func issue(
    _ name: String, _ subject: String, by authority: String, _ kind: String, days: Int = 365, rsa: Bool = false
  ) {
    let key = rsa ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl(
      ["req", "-new", "-newkey"] + key + [
        "-nodes", "-utf8", "-config", path("openssl.cnf"), "-subj", subject, "-keyout", path("\(name).key"), "-out",
        path("\(name).csr"),
      ])
    openssl(
      "ca", "-batch", "-notext", "-utf8", "-config", path("openssl.cnf"), "-name", authority, "-extensions", kind,
      "-days", "\(days)", "-in", path("\(name).csr"), "-out", path("\(name).crt"))
  }

  private var configuration: String {
    func authority(_ name: String) -> String {
      """
      [\(name)]
      database = \(folder)/\(name).index
      rand_serial = yes
      crlnumber = \(folder)/\(name).crlnumber
      new_certs_dir = \(folder)
      certificate = \(folder)/\(name).crt
      private_key = \(folder)/\(name).key
      default_md = sha256
      default_crl_days = 30
      unique_subject = no
      policy = anything
      """
    }
    return """
      [req]
      distinguished_name = nothing
      string_mask = utf8only
      [nothing]
      [anything]
      organizationName = optional
      commonName = supplied
      \(authority("root"))
      \(authority("sub"))
      \(authority("rogue"))
      [authority]
      basicConstraints = critical, CA:TRUE
      keyUsage = critical, keyCertSign, cRLSign
      subjectKeyIdentifier = hash
      [signer]
      keyUsage = critical, digitalSignature, nonRepudiation
      [server]
      keyUsage = critical, digitalSignature
      extendedKeyUsage = serverAuth
      [stamp]
      keyUsage = critical, digitalSignature
      extendedKeyUsage = critical, timeStamping
      [tsa]
      default_tsa = tsa_settings
      [tsa_settings]
      serial = \(folder)/tsa.serial
      crypto_device = builtin
      signer_digest = sha256
      default_policy = 1.2.3.4
      digests = sha256, sha1
      ess_cert_id_alg = sha256

      """
  }

  // MARK: what it gives

  func file(_ name: String) -> [UInt8] { Array(FileManager.default.contents(atPath: path(name)) ?? Data()) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// DER of a certificate or a list.
  func der(_ name: String) -> [UInt8] {
    openssl(name.hasSuffix(".crl") ? "crl" : "x509", "-in", path(name), "-outform", "DER")
  }

  /// A CMS signature over bytes that it does not hold.
  func sign(_ bytes: [UInt8], by person: Person, isCAdES: Bool = true, digest: String = "sha256") -> [UInt8] {
    openssl(
      ["cms", "-sign", "-binary", "-nosmimecap", "-md", digest, "-outform", "DER"] + (isCAdES ? ["-cades"] : []) + [
        "-certfile", path("sub.crt"), "-signer", path("\(person.rawValue).crt"), "-inkey",
        path("\(person.rawValue).key"),
      ], input: bytes)
  }

  /// A CMS signature that holds what it signs.
  func signInside(_ bytes: [UInt8], by person: Person) -> [UInt8] {
    openssl(
      [
        "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha1", "-outform", "DER", "-certfile",
        path("sub.crt"), "-signer", path("\(person.rawValue).crt"), "-inkey", path("\(person.rawValue).key"),
      ], input: bytes)
  }

  func sha1(_ bytes: [UInt8]) -> [UInt8] { openssl(["dgst", "-sha1", "-binary"], input: bytes) }

  /// A bare signature.
  func signRaw(_ bytes: [UInt8], by person: Person) -> [UInt8] {
    openssl(["dgst", "-sha256", "-sign", path("\(person.rawValue).key")], input: bytes)
  }

  /// A time stamp of bytes.
  func stamp(_ bytes: [UInt8], by person: Person = .tsa) -> [UInt8] {
    let digest = openssl(["dgst", "-sha256", "-r"], input: bytes).prefix(64)
    return lock.withLock { number in
      number += 1
      let query = path("\(number).tsq")
      openssl(
        "ts", "-query", "-sha256", "-no_nonce", "-cert", "-digest", String(decoding: digest, as: UTF8.self), "-out",
        query)
      return openssl(
        "ts", "-reply", "-config", path("openssl.cnf"), "-queryfile", query, "-token_out", "-signer",
        path("\(person.rawValue).crt"), "-inkey", path("\(person.rawValue).key"), "-chain", path("sub.crt"))
    }
  }

  /// An OCSP answer about a certificate of the lower authority.
  func answer(about person: Person) -> [UInt8] {
    let output = path("\(person.rawValue)-\(UUID().uuidString).ocsp")
    openssl(
      "ocsp", "-index", path("sub.index"), "-CA", path("sub.crt"), "-rsigner", path("sub.crt"), "-rkey",
      path("sub.key"), "-issuer", path("sub.crt"), "-cert", path("\(person.rawValue).crt"), "-ndays", "30", "-noverify",
      "-respout", output)
    return Array(FileManager.default.contents(atPath: output) ?? Data())
  }

  /// Makes `later.crl`, in which the person is revoked a minute from now; only once.
  func revokeLater() {
    lock.withLock { _ in
      guard !FileManager.default.fileExists(atPath: path("later.crl")) else { return }
      // The index says when: its lines hold state, end, revocation.
      let index = String(decoding: file("sub.index"), as: UTF8.self)
      let (now, serial) = (Date(timeIntervalSinceNow: 60), serialOf("person"))
      let format = Date.VerbatimFormatStyle(
        format:
          "\(year: .twoDigits)\(month: .twoDigits)\(day: .twoDigits)\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)Z",
        timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
      let lines = index.split(separator: "\n").map { line -> String in
        var cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard cells.count == 6, cells[3] == serial else { return String(line) }
        (cells[0], cells[2]) = ("R", now.formatted(format))
        return cells.joined(separator: "\t")
      }
      write("later.index", lines.joined(separator: "\n") + "\n")
      write("later.cnf", configuration.replacingOccurrences(of: "sub.index", with: "later.index"))
      openssl("ca", "-config", path("later.cnf"), "-name", "sub", "-gencrl", "-out", path("later.crl"))
    }
  }

  private func serialOf(_ name: String) -> String {
    let line = openssl("x509", "-noout", "-serial", "-in", path("\(name).crt"))
    return String(decoding: line, as: UTF8.self).split(separator: "=").last.map { String($0).filter { !$0.isNewline } }
      ?? ""
  }

  private func write(_ name: String, _ text: String) {
    try? text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }

  @discardableResult
  private func openssl(_ arguments: String...) -> [UInt8] { openssl(arguments) }

  @discardableResult
  private func openssl(_ arguments: [String], input: [UInt8] = []) -> [UInt8] {
    let limits = ToolRun.Limits(memoryMax: 1 << 30, timeMax: .seconds(60), outputBytesMax: 64 << 20)
    let run = try? ToolRun.run("/usr/bin/openssl", arguments, input: input, limits)
    guard let run, run.status == 0 else {
      fatalError(
        "openssl \(arguments.first ?? ""): \(run.map { String(decoding: $0.errors, as: UTF8.self) } ?? "none")")
    }
    return run.output
  }
}

private func removeAll(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
