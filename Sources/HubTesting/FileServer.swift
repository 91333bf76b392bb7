public import Foundation
internal import Glibc
internal import Synchronization

/// A real server for files on this machine, as Debian packages it, run by and for one test: `sshd` with SFTP, or
/// `vsftpd` with TLS. Its folder goes with it.
public final class FileServer: Sendable {
  /// What is run.
  public enum Kind: Sendable {
    /// OpenSSH's server; one account with a key, that of whoever runs the test.
    case sftp
    /// vsftpd; the account `anonymous` with any password, which may do everything. TLS is demanded.
    case ftps(implicit: Bool)
  }

  /// The port on 127.0.0.1.
  public let port: Int
  /// Where the files lie, as this machine names it.
  public let folder: URL
  /// The same folder as the server names it.
  public let path: String
  /// The account.
  public let username: String
  /// Its private key, for SFTP.
  public let privateKey: String?
  /// SHA-256 of the server's own key in base64, for SFTP.
  public let hostKey: String?
  /// File with the certificate (PEM) by which the server is known, for FTPS.
  public let certificate: String
  private let process: Mutex<Process?>
  private let home: URL

  /// Starts a server and waits until it listens.
  ///
  /// - Throws: ``TestingError`` when it is not installed or does not start.
  public init(_ kind: Kind) throws {
    let home = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)")
    folder = home.appending(path: "root/files")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.home = home
    port = try ScriptedServer.deadPort()
    certificate = home.appending(path: "server.crt").path
    let process = Process()
    switch kind {
    case .sftp:
      (username, path) = (NSUserName(), folder.path)
      privateKey = try Self.key("client", in: home)
      _ = try Self.key("host", in: home)
      hostKey = try Self.run("/usr/bin/ssh-keygen", "-l", "-E", "sha256", "-f", home.appending(path: "host.pub").path)
        .split(separator: " ").dropFirst().first.map { String($0.dropFirst("SHA256:".count)) }
      try Self.prepareSSH(process, home, port)
    case .ftps(let implicit):
      // Started by whoever runs the tests, it does not change its root.
      (username, path, privateKey, hostKey) = ("anonymous", folder.path, nil, nil)
      try Self.prepareFTP(process, home, port, implicit: implicit)
    }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.process = Mutex(process)
    try waitUntilListening()
  }

  /// Ends the server, and every connection to it.
  public func stop() {
    let process = process.withLock { process in
      defer { process = nil }
      return process
    }
    guard let process else { return }
    Self.killAll(process.processIdentifier)
    try? FileManager.default.removeItem(at: home)
  }

  deinit {
    stop()
  }

  /// Puts a file there, as somebody on the far side would.
  public func put(_ name: String, _ text: String, in subfolder: String = "") throws {
    let place = subfolder.isEmpty ? folder : folder.appending(path: subfolder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: place.appending(path: name))
  }

  /// Names in a folder, in order.
  public func names(in subfolder: String = "") -> [String] {
    let place = subfolder.isEmpty ? folder : folder.appending(path: subfolder)
    return ((try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []).sorted()
  }

  /// What a file holds.
  public func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: folder.appending(path: name).path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What the files hold, those in folders below as well and hidden ones not, in the order in which they were changed.
  func contents() -> [[UInt8]] {
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    let files = (all?.compactMap { $0 as? URL } ?? []).compactMap { file -> (time: [Int], bytes: [UInt8])? in
      var facts = stat()
      guard stat(file.path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, let data = try? Data(contentsOf: file)
      else { return nil }
      return ([facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec], Array(data))
    }
    return files.sorted { $0.time.lexicographicallyPrecedes($1.time) }.map(\.bytes)
  }

  /// Removes all files.
  func empty() throws {
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A process and all that came of it: a child serves each connection, and perhaps one of its own serves it.
  private static func killAll(_ id: pid_t) {
    for child in children(of: id) { killAll(child) }
    kill(id, SIGKILL)
  }

  private static func children(of id: pid_t) -> [pid_t] {
    let list = try? String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
    return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  // MARK: - Starting

  private static func key(_ name: String, in home: URL) throws -> String {
    let file = home.appending(path: name).path
    _ = try run("/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file)
    return try String(contentsOfFile: file, encoding: .utf8)
  }

  private static func prepareSSH(_ process: Process, _ home: URL, _ port: Int) throws {
    // sshd wants this folder when root runs it; nobody else can make it, nor has to.
    if geteuid() == 0 {
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    let configuration = """
      ListenAddress 127.0.0.1:\(port)
      HostKey \(home.path)/host
      AuthorizedKeysFile \(home.path)/client.pub
      PidFile none
      StrictModes no
      PermitRootLogin yes
      PasswordAuthentication no
      UsePAM no
      Subsystem sftp internal-sftp

      """
    let file = home.appending(path: "sshd.conf")
    try Data(configuration.utf8).write(to: file)
    start(process, "/usr/sbin/sshd", "-D", "-e", "-f", file.path)
  }

  private static func prepareFTP(_ process: Process, _ home: URL, _ port: Int, implicit: Bool) throws {
    let (key, certificate) = (home.appending(path: "server.key").path, home.appending(path: "server.crt").path)
    _ = try run(
      "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=IP:127.0.0.1")
    let configuration = """
      listen=YES
      listen_address=127.0.0.1
      listen_port=\(port)
      background=NO
      run_as_launching_user=YES
      seccomp_sandbox=NO
      anonymous_enable=YES
      local_enable=NO
      no_anon_password=YES
      anon_root=\(home.path)/root
      allow_writeable_chroot=YES
      write_enable=YES
      anon_upload_enable=YES
      anon_mkdir_write_enable=YES
      anon_other_write_enable=YES
      anon_world_readable_only=NO
      anon_umask=022
      chown_uploads=NO
      xferlog_enable=NO
      ssl_enable=YES
      allow_anon_ssl=YES
      force_anon_logins_ssl=YES
      force_anon_data_ssl=YES
      implicit_ssl=\(implicit ? "YES" : "NO")
      require_ssl_reuse=NO
      ssl_ciphers=HIGH
      rsa_cert_file=\(certificate)
      rsa_private_key_file=\(key)

      """
    let file = home.appending(path: "vsftpd.conf")
    try Data(configuration.utf8).write(to: file)
    start(process, "/usr/sbin/vsftpd", file.path)
  }

  /// Behind a shell: these servers close every descriptor that they inherit, one of which tells Foundation that its
  /// child is alive; without it Foundation waits for the child's end where it should wait for any child's.
  private static func start(_ process: Process, _ tool: String, _ arguments: String...) {
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "\"$0\" \"$@\"; :", tool] + arguments
  }

  private static func run(_ tool: String, _ arguments: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { throw TestingError("\(tool) is not installed") }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// A connection is taken: the only sign that there is.
  private func waitUntilListening() throws {
    for _ in 0..<500 {
      if ScriptedServer.isListening(port) { return }
      guard process.withLock({ $0?.isRunning ?? false }) else { break }
      usleep(10_000)
    }
    throw TestingError("the server for files did not begin to listen on port \(port)")
  }
}
