internal import HubKit
internal import HubTransform

extension TransformPool {
  /// Runs a codec over a body: a small one at once, since handing it to another thread costs more than reading it; a
  /// large one, which comes from the disk, on a worker.
  func look<Value: Sendable>(at body: Body, _ work: @Sendable @escaping () throws -> Value) async throws -> Value {
    if case .inline = body { return try work() }
    return try await run(work)
  }
}
