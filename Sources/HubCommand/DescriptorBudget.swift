internal import Foundation
internal import HubConfig
internal import Logging

/// How many files and sockets the process may have open, and how many of them callers may take.
///
/// They must never run out: Dispatch, on which all of the hub runs, ends the process when it cannot open its own file
/// under `/proc`. So the door leaves callers waiting outside before that, and the journal always finds its files.
enum DescriptorBudget {
  /// For the journal, the mapping workers, the listening sockets and the runtime.
  private static let reserve = 128
  /// Fewer connections than these make no door.
  private static let connectionsMin = 16

  /// The most connections that each address may have, raising the process's own limit where it may and must be raised.
  ///
  /// - Throws: ``Failure`` when too few files are left for any door.
  static func connectionsMax(_ configuration: HubConfiguration, _ logger: Logger) throws -> Int {
    let gateway = configuration.hub.gateway
    let addresses = [gateway.http != nil, gateway.https != nil].count { $0 }
    // A socket and a body's file for each attempt, and for each request.
    let taken = reserve + 2 * configuration.endpoints.reduce(0) { $0 + $1.concurrency }
    let limit = raised(to: taken + 2 * addresses * gateway.connectionsMax)
    let left = (limit - taken) / (2 * max(addresses, 1))
    guard left < gateway.connectionsMax else { return gateway.connectionsMax }
    guard left >= connectionsMin else {
      throw Failure(
        "ulimit -n \(limit): quá ít tệp / too few files; the endpoints and the journal need \(taken), and the door "
          + "needs some: at least \(taken + 2 * addresses * connectionsMin).")
    }
    logger.warning(
      "fewer connections than gateway.connectionsMax, by ulimit -n / số kết nối bị giới hạn bởi ulimit -n",
      metadata: ["files": "\(limit)", "connections": "\(left)"])
    return left
  }

  /// Raises the limit to `wanted`, as far as the hard limit lets it.
  ///
  /// - Returns: the limit as it is now.
  private static func raised(to wanted: Int) -> Int {
    let resource = CInt(RLIMIT_NOFILE.rawValue)
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return wanted }
    let before = limits.rlim_cur
    guard before < wanted else { return Int(clamping: before) }
    limits.rlim_cur = min(rlim_t(wanted), limits.rlim_max)
    return Int(clamping: setrlimit(resource, &limits) == 0 ? limits.rlim_cur : before)
  }
}
