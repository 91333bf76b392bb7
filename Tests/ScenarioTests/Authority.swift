import Foundation
import HubTesting

/// A certificate authority of one test, by openssl: what it signs ends at a second of the test's choice.
final class Authority: Sendable {
  private let folder: TemporaryDirectory

  /// Its own certificate, PEM.
  var certificate: String { folder.file("ca.pem") }

  init() async throws {
    folder = try TemporaryDirectory("lgsp-authority")
    try folder.write("index.txt", text: "")
    try folder.write(
      "ca.cnf",
      text: """
        [ca]
        default_ca = own
        [own]
        database = index.txt
        new_certs_dir = .
        certificate = ca.pem
        private_key = ca.key
        rand_serial = yes
        default_md = sha256
        policy = any
        unique_subject = no
        x509_extensions = names
        [any]
        commonName = supplied
        [names]
        subjectAltName = DNS:localhost,IP:127.0.0.1
        """)
    try await run("openssl req -x509 $ec -keyout ca.key -out ca.pem -days 2 -subj '/CN=Test authority'")
  }

  /// Writes `<path>.pem` and its `<path>.key`, new or in the place of older ones.
  ///
  /// - Parameter seconds: how long the certificate is good.
  func issue(_ path: String, seconds: Int = 200 * 86_400) async throws {
    try await run(
      """
      openssl req $ec -keyout new.key -out new.csr -subj /CN=test
      openssl ca -batch -notext -config ca.cnf -in new.csr -out new.pem \
        -startdate $(date -u -d '1 day ago' +%Y%m%d%H%M%SZ) -enddate $(date -u -d '\(seconds) seconds' +%Y%m%d%H%M%SZ)
      mkdir -p "$(dirname '\(path)')"
      mv new.pem '\(path).pem'
      mv new.key '\(path).key'
      """)
  }

  private func run(_ script: String) async throws {
    let ec = "ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'"
    let shell = try await City.run(["-c", "set -e; cd '\(folder.path)'; \(ec)\n\(script)"], of: "/bin/sh")
    guard shell.status == 0 else { throw CityError(shell.error) }
  }

  /// What openssl says of a certificate, as in `serial=…` for `-serial`.
  static func ask(_ option: String, of path: String) async throws -> String {
    try await City.run(["x509", "-noout", option, "-dateopt", "iso_8601", "-in", path], of: "/usr/bin/openssl").output
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// A far system that lets nobody in without a certificate of its authority: Python's TLS on OpenSSL. It looks at each
/// connection anew, since it keeps no connections and no sessions.
final class MutualFarSide: Sendable {
  private static let program = """
    import http.server, os, ssl, sys, threading

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            with open("taken", "a") as book:
                book.write(self.headers["ce-id"] + "\\n")
            self.send_response(200)
            self.end_headers()
        def log_message(self, *words):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("server.pem", "server.key")
    context.load_verify_locations(sys.argv[2])
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Door)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()
    """

  private let folder: TemporaryDirectory
  private let process = Process()
  /// It ends when this end of the pipe does, also when the tests crash.
  private let leash = Pipe()

  /// - Parameters:
  ///   - server: signs its own certificate.
  ///   - clients: signs those that it lets in.
  init(port: Int, server: Authority, clients: Authority) async throws {
    folder = try TemporaryDirectory("lgsp-mutual")
    try await server.issue(folder.file("server"))
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", Self.program, "\(port)", clients.certificate]
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = leash
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// Ids of the messages that it took, repeats among them.
  var taken: [String] {
    let book = (try? String(contentsOfFile: folder.file("taken"), encoding: .utf8)) ?? ""
    return book.split(separator: "\n").map(String.init)
  }

  var isRunning: Bool { process.isRunning }

  /// Ends it, at once.
  func close() { kill(process.processIdentifier, SIGKILL) }
}
