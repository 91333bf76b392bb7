import HubKit

/// A message that waits for a worker process. Exactly one answer is given, exactly once.
struct WorkerJob: Sendable {
  let plan: TransformPlan
  let input: TransformInput
  let answer: @Sendable (Result<TransformResult, TransformUnavailable>) -> Void
  /// A worker has ended over it already. It is tried once more, alone and in a new worker, since the fault may have
  /// lain in what the worker did before, or with the machine; if that one ends as well, the message is to blame.
  var isSuspect = false

  /// Ends the job because of how a worker ended over it.
  func fail(_ end: WorkerEnd, _ limits: TransformLimits) {
    let violation =
      switch end {
      case .outOfTime:
        Violation(
          rule: "out-of-time",
          message: "the checks and mappings of \(plan.id) were stopped after \(limits.timeMax) on a processor; look "
            + "for a loop, or for one step that works on too much; transform.timeMax in hub.yaml is the limit")
      case .outOfMemory:
        Violation(
          rule: "out-of-memory",
          message: "the checks and mappings of \(plan.id) needed more than \(limits.memoryMax >> 20) MiB; have them "
            + "make less at a time, or raise transform.memoryMax in hub.yaml")
      case .died(let how):
        Violation(
          rule: "worker-died",
          message: "the worker process ended twice over this message in \(plan.id) (\(how)); have its checks and "
            + "mappings do less: too deep recursion ends so, and too little memory may")
      }
    answer(.success(.invalid([violation])))
  }
}
