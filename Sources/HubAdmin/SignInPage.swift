/// Why a person is not signed in.
enum SignInMessage: Sendable {
  case signInFirst
  case badHost
  case tooMany
  case noAttempt
  case foreign
  case notCompleted
  case otherSite
  case notOperator(subject: String)
  case rejected(code: String, reason: String)
  case away(code: String, reason: String)
}

/// A page of one message, with the way on.
struct SignInPage {
  /// The far system's name.
  let title: String
  let message: SignInMessage
  let nonce: String

  /// The whole document.
  var html: String {
    BarePage(title: "LGSP Hub", nonce: nonce, content: section).html
  }

  private var section: HTML {
    .element("section", [.init("class", "card notice")]) {
      HTML.element("h2") { message.heading.html }
      HTML.element("p") { message.advice(title).html }
      for detail in message.details {
        HTML.element("p") { HTML.element("code") { detail } }
      }
      HTML.element("p", [.init("class", "ways")]) {
        HTML.element("a", [.init("class", "button"), .init("href", "/sign-in")]) {
          Bilingual("Đăng nhập bằng \(title)", "Sign in with \(title)").html
        }
        HTML(" ")
        HTML.element("a", [.init("href", "/")]) { Bilingual("Trang trạng thái", "Status page").html }
      }
    }
  }
}

extension SignInMessage {
  /// What happened.
  var heading: Bilingual {
    switch self {
    case .signInFirst: Bilingual("Cần đăng nhập", "Sign in first")
    case .badHost: Bilingual("Địa chỉ không hợp lệ", "Not a proper address")
    case .tooMany: Bilingual("Quá nhiều lượt đăng nhập đang chờ", "Too many attempts are waiting")
    case .noAttempt: Bilingual("Lượt đăng nhập đã kết thúc hoặc quá hạn", "This attempt is over")
    case .foreign: Bilingual("Câu trả lời của lượt đăng nhập khác", "The answer to another attempt")
    case .notCompleted: Bilingual("Chưa đăng nhập", "Not signed in")
    case .otherSite: Bilingual("Yêu cầu đến từ trang khác", "The call came from another site")
    case .notOperator: Bilingual("Chưa có quyền vận hành", "Not an operator of this hub")
    case .rejected: Bilingual("Không chấp nhận kết quả đăng nhập", "The sign-in was not accepted")
    case .away: Bilingual("Hệ thống đăng nhập không trả lời", "The sign-in system is away")
    }
  }

  /// What to do.
  func advice(_ title: String) -> Bilingual {
    switch self {
    case .signInFirst:
      Bilingual(
        "Trang này dành cho người vận hành đã đăng nhập, hoặc mở từ chính máy chạy hub.",
        "This page is for operators who have signed in, or for callers on the hub's own machine.")
    case .badHost:
      Bilingual("Hãy mở hub bằng tên máy chủ của nó.", "Open the hub by its proper host name.")
    case .tooMany:
      Bilingual("Hãy thử lại sau một phút.", "Try again in a minute.")
    case .noAttempt, .foreign:
      Bilingual(
        "Mỗi lượt chỉ dùng một lần, trong một trình duyệt. Hãy đăng nhập lại từ đầu.",
        "An attempt works once, in one browser. Begin again.")
    case .notCompleted:
      Bilingual("\(title) báo lượt đăng nhập bị hủy hoặc từ chối.", "\(title) says that it was cancelled or refused.")
    case .otherSite:
      Bilingual("Hãy đăng xuất bằng nút trên trang trạng thái.", "Sign out by the button on the status page.")
    case .notOperator:
      Bilingual(
        "Hãy gửi mã dưới đây cho quản trị viên để thêm vào admin.operators trong hub.yaml.",
        "Give this subject to an administrator, who can add it to admin.operators in hub.yaml.")
    case .rejected:
      Bilingual("Hãy đăng nhập lại; nếu vẫn lỗi, báo quản trị viên mã dưới đây.", "Try again; then report this code.")
    case .away:
      Bilingual(
        "Hãy thử lại sau. Trang trạng thái vẫn mở được từ chính máy chạy hub.",
        "Try again later. The status page can still be read on the hub's own machine.")
    }
  }

  /// Words for the administrator.
  var details: [String] {
    switch self {
    case .notOperator(let subject): [subject]
    case .rejected(let code, let reason), .away(let code, let reason): [code, reason]
    default: []
    }
  }
}
