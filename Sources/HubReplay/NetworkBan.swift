internal import CProcess
internal import Glibc

/// Sees to it that a replay reaches nobody, whatever a connector or a mapping tries.
public enum NetworkBan {
  /// Closes the network for this process and those that it starts, for good: the kernel refuses every socket but those
  /// between processes of this machine (seccomp).
  ///
  /// - Returns: why the kernel does not; nil: it does.
  public static func enforce() -> String? {
    let failure = cprocess_close_network()
    return failure == 0 ? nil : String(cString: strerror(failure))
  }
}
