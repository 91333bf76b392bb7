// The yardstick of the one-way benchmark: what the web server alone does with the same body, on the same machine.
// `BenchmarkEcho <port>` listens on 127.0.0.1 and gives every body back. Nothing is checked, kept or logged.

import Hummingbird
import Logging

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) }
guard let port else { fatalError("usage: BenchmarkEcho <port>") }

let router = Router()
router.post("**") { request, _ in
  Response(status: .ok, body: ResponseBody(byteBuffer: try await request.body.collect(upTo: 1 << 20)))
}
var logger = Logger(label: "echo")
logger.logLevel = .error
let echo = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
try await echo.runService()
