/// Something that runs on one thread and can be stopped from another.
protocol Interruptible: AnyObject, Sendable {
  /// Stops the run that is under way, as soon as the library behind it allows; does nothing when none is.
  func interrupt()
}
