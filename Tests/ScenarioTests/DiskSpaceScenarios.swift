import Foundation
import HubKit
import Testing

/// The disk fills up: nothing more is acknowledged, nothing acknowledged is lost, and the hub goes on by itself when
/// there is room again.
extension Scenarios {
  @Suite(.serialized, .enabled(if: SmallDisk.isPossible, SmallDisk.reason))
  struct DiskSpaceScenarios {
    @Test func `with less free than hub yaml asks for nothing is taken in, until there is room again`() async throws {
      try await onSmallDisk(freeMin: "8MiB") { city, disk in
        let token = try await city.token(of: "H24.2")
        let first = try await city.document("before", to: "H24.101", token)
        try disk.fill(leaving: 4 << 20)
        try await waitUntil("the hub has seen it") { try await status(city, "guard", token) == 507 }
        let known = try await city.search("--type", "vn.gov.edoc.document").count
        for number in 0..<5 { #expect(try await status(city, "refused-\(number)", token) == 507) }
        #expect(try await city.search("--type", "vn.gov.edoc.document").count == known, "nothing was kept")
        // What was taken in before goes on.
        try await waitUntil("the first is delivered") { try await city.view(first).state == .delivered }
        try disk.empty()
        try await waitUntil("it takes again") { try await status(city, "after", token) == 202 }
        try await expectSound(city)
      }
    }

    @Test func `a disk that is full to the last byte refuses, keeps every promise, and recovers`() async throws {
      try await onSmallDisk(freeMin: "0B") { city, disk in
        let token = try await city.token(of: "H24.2")
        try await city.systemFault("H24.102", "unavailable-503")
        var receipts = [try await city.document("full-first", to: "H24.102", token)]
        try disk.fill(leaving: 0)
        var number = 0
        var refused = 0
        while refused < 3, number < 500 {
          number += 1
          let response = try await handIn(city, "full-\(number)", to: "H24.102", token)
          if response.status == 507 {
            refused += 1
          } else {
            #expect(response.status == 202)
            receipts.append(try receipt(response.body))
          }
        }
        #expect(refused == 3)
        // A large body goes to a file of its own.
        let large = Array(Samples.document(id: "full-large", from: "H24.2", to: ["H24.102"]).utf8)
        let padded = large + [UInt8](repeating: UInt8(ascii: "\n"), count: 200_000)
        let answer = try await city.handIn(
          padded, type: nil, to: [], mediaType: "application/xml", token: token)
        #expect(answer.status == 507)
        #expect(try await city.get("\(city.gateway)/health").status == 200)
        try disk.empty()
        try await waitUntil("it takes again") {
          let response = try await handIn(city, "full-after", to: "H24.102", token)
          return response.status == 202
        }
        try await city.systemFault("H24.102", "none")
        let promised = receipts
        try await waitUntil("every promise is kept") {
          let views = try await city.search("--type", "vn.gov.edoc.document")
          let delivered = Set(views.filter { $0.state == .delivered }.map(\.id.text))
          return delivered.isSuperset(of: promised) && views.count == promised.count + 1
        }
        try await expectSound(city)
      }
    }

    private func onSmallDisk(
      freeMin: String, _ body: (City, SmallDisk) async throws -> Void
    ) async throws {
      let city = try await City()
      let disk = try SmallDisk(at: "\(city.home)/Data/journal", megabytes: 24)
      do {
        try city.change("hub.yaml", replacing: "freeDiskBytesMin: 512MiB", with: "freeDiskBytesMin: \(freeMin)")
        try await city.startMocks()
        try await city.startHub()
        try await body(city, disk)
      } catch {
        disk.remove()
        await city.close()
        throw error
      }
      disk.remove()
      await city.close()
    }

    private func handIn(
      _ city: City, _ id: String, to code: String, _ token: String
    ) async throws -> (status: Int, body: [UInt8]) {
      let response = try await city.handIn(
        Samples.document(id: id, from: "H24.2", to: [code]), type: nil, to: [], mediaType: "application/xml",
        token: token)
      return (response.status, response.body)
    }

    private func status(_ city: City, _ id: String, _ token: String) async throws -> Int {
      try await handIn(city, id, to: "H24.101", token).status
    }

    private func receipt(_ body: [UInt8]) throws -> String {
      struct Receipt: Decodable { var id: String }
      return try JSONDecoder().decode(Receipt.self, from: Data(body)).id
    }

    private func expectSound(_ city: City) async throws {
      let verified = try await city.lgsp("journal", "verify")
      #expect(verified.status == 0, "\(verified.error)")
    }
  }
}
