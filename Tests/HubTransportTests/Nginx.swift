import Foundation
import HubKit
import HubTesting
import HubTransport

/// A real web server: Debian's nginx on free ports of 127.0.0.1, with certificates made by openssl.
final class Nginx: Sendable {
  let directory: TemporaryDirectory
  let plainPort: Int
  let tlsPort: Int
  let mutualPort: Int
  private let process = Process()
  /// The server ends when this end of the pipe does: also when the tests crash.
  private let leash = Pipe()

  /// One server for all tests; they tell their requests apart by the query.
  static let shared = Result { try Nginx() }

  let authority: [UInt8]
  let otherAuthority: [UInt8]
  let client: ClientIdentity

  init() throws {
    directory = try TemporaryDirectory("lgsp-nginx")
    plainPort = try ScriptedServer.deadPort()
    tlsPort = try ScriptedServer.deadPort()
    mutualPort = try ScriptedServer.deadPort()
    try Self.makeCertificates(in: directory)
    let read = { [directory] in Array(try Data(contentsOf: URL(filePath: directory.file($0)))) }
    (authority, otherAuthority) = (try read("ca.pem"), try read("other-ca.pem"))
    client = ClientIdentity(
      certificatePEM: try read("client.pem"),
      keyPEM: Secret(reference: "test", value: String(decoding: try read("client.key"), as: UTF8.self)))
    try FileManager.default.createDirectory(atPath: directory.file("www"), withIntermediateDirectories: true)
    try directory.write("nginx.conf", text: configuration)
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "nginx -p . -c \"$PWD/nginx.conf\" -e error.log & read -r never; kill $!; rm -rf \"$PWD\"",
    ]
    process.currentDirectoryURL = URL(filePath: directory.path)
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/bin"]
    process.standardInput = leash
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try waitUntilUp()
  }

  /// What nginx has written down so far about requests with that query: connection number and protocol of each.
  func accessLog(query: String) throws -> [(connection: Substring, version: Substring)] {
    try String(contentsOfFile: directory.file("access.log"), encoding: .utf8).split(separator: "\n").compactMap {
      line in
      let words = line.split(separator: " ")
      return words.count == 3 && words[2].hasSuffix("?\(query)") ? (words[0], words[1]) : nil
    }
  }

  private func waitUntilUp() throws {
    let deadline = Date().addingTimeInterval(20)
    let pid = directory.file("nginx.pid")
    while !FileManager.default.fileExists(atPath: pid) {
      guard process.isRunning, Date() < deadline else {
        let log = try? String(contentsOfFile: directory.file("error.log"), encoding: .utf8)
        throw TestingError("nginx did not start: \(log ?? "no log")")
      }
      usleep(10_000)
    }
  }

  private static func makeCertificates(in directory: TemporaryDirectory) throws {
    let script = """
      set -e
      ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
      for ca in ca other-ca; do
        openssl req -x509 $ec -keyout $ca.key -out $ca.pem -days 2 -subj "/CN=Test $ca"
      done
      printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > san.txt
      for name in server client; do
        openssl req $ec -keyout $name.key -out $name.csr -subj "/CN=$name"
        openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem -days 2 -extfile san.txt
      done
      """
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", script]
    shell.currentDirectoryURL = URL(filePath: directory.path)
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    shell.waitUntilExit()
    guard shell.terminationStatus == 0 else { throw TestingError("openssl could not make certificates") }
  }

  private var configuration: String {
    let tls = "ssl_certificate server.pem; ssl_certificate_key server.key;"
    let places = """
      location /ok { return 200 "hello\\n"; }
      location /moved { return 302 http://127.0.0.1:\(plainPort)/ok; }
      location /echo { return 200 "$request_method $http_host $http_x_test $content_length $http_authorization"; }
      location /put { root www; dav_methods PUT; create_full_put_path on;
        client_max_body_size 100m; client_body_temp_path temp; }
      """
    return """
      daemon off; worker_processes 1; pid nginx.pid; error_log error.log; \(Self.isRoot ? "user root;" : "")
      events { worker_connections 512; }
      http {
        log_format lines '$connection $server_protocol $request_uri';
        access_log access.log lines;
        client_body_temp_path temp; proxy_temp_path temp2; fastcgi_temp_path temp3; uwsgi_temp_path temp4;
        scgi_temp_path temp5; keepalive_requests 1000000;
        server { listen 127.0.0.1:\(plainPort); \(places) }
        server { listen 127.0.0.1:\(tlsPort) ssl http2; \(tls) \(places) }
        server { listen 127.0.0.1:\(mutualPort) ssl; \(tls)
          ssl_client_certificate ca.pem; ssl_verify_client on;
          location / { return 200 "$ssl_client_s_dn"; } }
      }
      """
  }

  private static var isRoot: Bool { geteuid() == 0 }
}
