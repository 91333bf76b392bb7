/// Which plans a worker knows, and by which numbers. The one not used for longest gives way to a new one.
struct PlanNumbers {
  private struct Entry {
    var number: UInt32
    var used: UInt64
  }

  /// What to tell the worker about a plan.
  struct Known {
    var number: UInt32
    /// The worker must be told of it first.
    var isNew = false
    /// What it may forget.
    var forgotten: UInt32?
  }

  private let countMax: Int
  private var plans: [TransformPlan: Entry] = [:]
  private var clock: UInt64 = 0
  private var next: UInt32 = 0

  init(countMax: Int) {
    self.countMax = countMax
  }

  /// The number of a plan.
  mutating func number(of plan: TransformPlan) -> Known {
    clock += 1
    if let number = plans[plan]?.number {
      plans[plan]?.used = clock
      return Known(number: number)
    }
    var known = Known(number: next, isNew: true)
    next += 1
    if plans.count >= countMax, let oldest = plans.min(by: { $0.value.used < $1.value.used }) {
      known.forgotten = oldest.value.number
      plans[oldest.key] = nil
    }
    plans[plan] = Entry(number: known.number, used: clock)
    return known
  }
}
