import HubKit
import Hummingbird

/// Redelivery in bulk as HTTP.
extension ControlRoutes {
  private struct Jobs: Encodable { var jobs: [ControlRedelivery] }

  private static let jobsMax = 100

  func mountRedeliveries(on router: Router<ControlContext>) {
    router.get("/redeliveries") { _, context in
      await answer(context) { _ in try json(Jobs(jobs: try await control.redeliveries(limit: Self.jobsMax))) }
    }
    router.get("/redeliveries/:job") { _, context in
      await answer(context) { _ in try json(try await control.redelivery(try number(context))) }
    }
    router.post("/redeliveries") { request, context in
      await answer(context) { peer in
        let (order, by, reason) = try await signed(ControlRedeliveryOrder.self, request, peer)
        _ = try order.filter.keyParts()
        guard order.filter != ControlFilter() || order.all == true else {
          throw ControlRefusal(
            .invalid, "Cần ít nhất một bộ lọc, hoặc all / at least one filter is needed, or all: true.")
        }
        return try json(try await control.redeliver(order, by: by, reason: reason))
      }
    }
    for change in ControlRedelivery.Change.allCases {
      router.post("/redeliveries/:job/\(change.rawValue)") { request, context in
        await answer(context) { peer in
          let (_, by, reason) = try await signed(Nothing.self, request, peer)
          return try json(try await control.setRedelivery(try number(context), change, by: by, reason: reason))
        }
      }
    }
  }

  private struct Nothing: Decodable {}

  private func number(_ context: ControlContext) throws -> Int64 {
    let text = try context.parameters.require("job")
    guard let number = Int64(text), number > 0 else {
      throw ControlRefusal(.invalid, "Số đợt giao lại không đúng / a redelivery job is named by its number.")
    }
    return number
  }
}
