internal import ArgumentParser
internal import HubSignature

/// `lgsp signature-check`: what the hub starts to look at the signatures of one file; nobody calls it by hand.
struct SignatureChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: SignatureChild.command,
    abstract: "Do hub tự gọi để kiểm tra chữ ký / started by the hub, to verify signatures.", shouldDisplay: false)

  func run() throws {
    do throws(SignatureChild.NoHub) {
      try SignatureChild.serve()
    } catch {
      throw Failure(
        "signature-check chỉ do hub gọi; hãy dùng lgsp signature / only the hub starts signature-check; use "
          + "lgsp signature.")
    }
  }
}
