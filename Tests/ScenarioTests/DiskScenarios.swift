import Foundation
import HubKit
import HubTransport
import Testing

/// The disk's bad day: a sync that fails ends the hub, and what it had promised is still kept.
extension Scenarios {
  @Suite(.serialized)
  struct DiskScenarios {
    @Test func `a failed sync ends the hub without a receipt, and the next start keeps every promise`() async throws {
      let city = try await City()
      do {
        let disk = try await FailingDisk(in: city.home)
        try await city.startMocks()
        try await city.startHub(environment: disk.environment)
        // One is delivered before the disk fails, one waits for a system that is away.
        let token = try await city.token(of: "H24.2")
        let settled = try await handIn(city, "sync-1", to: "H24.101", token)
        try await waitUntil("the first is on the disk as delivered") {
          try await city.search("--text", settled).first?.state == .delivered
        }
        try await city.systemFault("H24.102", "unavailable-503")
        let waiting = try await handIn(city, "sync-2", to: "H24.102", token)

        try disk.fail()
        let last = Samples.document(id: "sync-3", from: "H24.2", to: ["H24.101"])
        let answer = try? await city.handIn(last, type: nil, to: [], mediaType: "application/xml", token: token)
        #expect(answer?.status != 202, "no receipt without a sync")
        #expect(try await city.hubEnds() == 74)
        let log = city.log("hub")
        #expect(log.contains("the journal failed, the hub ends"), "\(log)")
        #expect(log.contains("critical"), "\(log)")

        try await city.startHub()
        try await city.systemFault("H24.102", "none")
        try await waitUntil("all that is known has ended") {
          try await city.search("--type", "vn.gov.edoc.document").allSatisfy { $0.state == .delivered }
        }
        let views = try await city.search("--type", "vn.gov.edoc.document")
        #expect(views.map(\.id.text).filter { [settled, waiting].contains($0) }.count == 2)
        #expect(views.count <= 3)
        let first = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(first.count { $0.contains(">sync-1<") } == 1)
        #expect(try await city.received(by: "H24.102", mock: city.systemsMock).count == 1)
        // Without a receipt the last may be there or not, but whole, and known on both sides.
        let whole = first.filter { $0.contains("sync-3") }.map(Samples.withoutTraceHeaders)
        #expect(whole == (views.count == 3 ? [Samples.withoutTraceHeaders(last)] : []))
        let verified = try await city.lgsp("journal", "verify")
        #expect(verified.status == 0, "\(verified.error)")

        // Whoever got no receipt hands in again: however it ended, it arrives once.
        _ = try await handIn(city, "sync-3", to: "H24.101", token)
        try await waitUntil("the last has arrived") {
          try await city.received(by: "H24.101", mock: city.systemsMock).contains { $0.contains("sync-3") }
        }
        let all = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(all.count { $0.contains(">sync-3<") } == 1)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    /// Hands a document in, and gives the id from its receipt.
    private func handIn(_ city: City, _ id: String, to code: String, _ token: String) async throws -> String {
      let response = try await city.handIn(
        Samples.document(id: id, from: "H24.2", to: [code]), type: nil, to: [], mediaType: "application/xml",
        token: token)
      #expect(response.status == 202, "\(id)")
      struct Receipt: Decodable { var id: String }
      return try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
    }
  }
}

/// Lets every sync of the journal's database fail from a moment on, in the processes that are started with it.
private struct FailingDisk {
  private let library: String
  private let trigger: String

  var environment: [String: String] { ["LD_PRELOAD": library, "TEST_FAILED_SYNC_TRIGGER": trigger] }

  init(in folder: String) async throws {
    (library, trigger) = ("\(folder)/failing-disk.so", "\(folder)/failing-disk.trigger")
    let source = "\(folder)/failing-disk.c"
    try Data(Self.source.utf8).write(to: URL(filePath: source))
    let made = try await City.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], of: "/usr/bin/env")
    guard made.status == 0 else { throw CityError(made.error) }
  }

  func fail() throws { try Data().write(to: URL(filePath: trigger)) }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <limits.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>

    static int ends(const char *text, const char *end) {
      size_t length = strlen(text), size = strlen(end);
      return length >= size && strcmp(text + length - size, end) == 0;
    }

    static int fails(int descriptor) {
      const char *trigger = getenv("TEST_FAILED_SYNC_TRIGGER");
      if (!trigger || access(trigger, F_OK) != 0) return 0;
      char link[64], path[PATH_MAX];
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t length = readlink(link, path, sizeof path - 1);
      if (length < 0) return 0;
      path[length] = 0;
      return ends(path, "/journal.db-wal") || ends(path, "/journal.db");
    }

    static int forward(const char *name, int descriptor) {
      if (fails(descriptor)) {
        errno = EIO;
        return -1;
      }
      int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
      return next(descriptor);
    }

    int fsync(int descriptor) { return forward("fsync", descriptor); }
    int fdatasync(int descriptor) { return forward("fdatasync", descriptor); }
    """
}

extension City {
  /// Switches a fault of an agency's own system; `none` ends it.
  func systemFault(_ agency: String, _ mode: String) async throws {
    let response = try await send(
      "PUT", "\(systemsMock)/_mock/faults/\(agency)", headers: [HeaderField("Content-Type", "application/json")],
      body: Array(#"{"mode":"\#(mode)"}"#.utf8))
    #expect(response.status == 200)
  }
}
