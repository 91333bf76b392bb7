/// Compiled plans by number, and what a message becomes by them. Belongs to one thread: a worker process has one, and
/// so has each thread of a pool without processes.
final class Evaluator {
  private let limits: TransformLimits
  /// Told when something is about to be compiled, and when that is done: it takes long, and is not the message's time.
  private let whileCompiling: (Bool) -> Void
  private var plans: [UInt32: (plan: CompiledPlan, used: UInt64)] = [:]
  private var clock: UInt64 = 0

  init(limits: TransformLimits, whileCompiling: @escaping (Bool) -> Void = { _ in }) {
    self.limits = limits
    self.whileCompiling = whileCompiling
  }

  /// Takes a plan. Nothing of it is compiled before it is needed.
  func learn(_ plan: TransformPlan, as number: UInt32) {
    plans[number] = (CompiledPlan(plan, limits: limits, whileCompiling: whileCompiling), clock)
  }

  /// Drops a plan.
  func forget(_ number: UInt32) {
    plans[number] = nil
  }

  /// Does all that a plan asks for with one message.
  ///
  /// - Returns: nil when there is no plan of this number.
  func evaluate(_ number: UInt32, _ input: TransformInput) -> TransformResult? {
    clock += 1
    plans[number]?.used = clock
    return plans[number]?.plan.evaluate(input)
  }

  /// Drops what the half of the plans that was not used for longest has compiled; it is compiled again when needed.
  func shed() {
    for (_, entry) in plans.sorted(by: { $0.value.used < $1.value.used }).prefix((plans.count + 1) / 2) {
      entry.plan.shed()
    }
  }
}
