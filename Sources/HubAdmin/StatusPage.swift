import HubKit

/// The status page: one document, complete without JavaScript, with nothing loaded from anywhere else.
struct StatusPage {
  /// Who looks.
  enum Viewer: Sendable {
    /// Nobody signs in at this hub.
    case unnamed
    /// One who could sign in at the far system of that name.
    case signedOut(title: String)
    /// An operator.
    case signedIn(name: String)
  }

  let snapshot: OverviewSnapshot
  var viewer = Viewer.unnamed
  /// Unguessable text of this answer alone, that lets our own style and script run and no other.
  let nonce: String

  /// The whole document.
  var html: String {
    "<!DOCTYPE html>\n"
      + HTML.element("html", [.init("lang", "vi")]) {
        head
        HTML.element("body") {
          header
          HTML.element("main", [.init("id", "live")]) {
            healthLine
            FiguresSection(snapshot: snapshot).html
            FlowSection(snapshot: snapshot).html
            EndpointSection(snapshot: snapshot).html
            JournalSection(snapshot: snapshot).html
            ExchangeSection(snapshot: snapshot).html
            RefusalSection(snapshot: snapshot).html
          }
          footer
          HTML.element("script", [.init("nonce", nonce)]) { StatusScript.source }
        }
      }.markup
  }

  private var head: HTML {
    .element("head") {
      HTML.void("meta", [.init("charset", "utf-8")])
      HTML.void("meta", [.init("name", "viewport"), .init("content", "width=device-width, initial-scale=1")])
      HTML.void("meta", [.init("name", "color-scheme"), .init("content", "light dark")])
      HTML.void("meta", [.init("name", "robots"), .init("content", "noindex")])
      HTML.element("title") { title }
      HTML.void("link", [.init("rel", "icon"), .init("href", StatusStyle.icon)])
      HTML.element("style", [.init("nonce", nonce)]) { StatusStyle.source }
      HTML.element("noscript") { HTML.void("meta", [.init("http-equiv", "refresh"), .init("content", "10")]) }
    }
  }

  private var title: String {
    snapshot.operatorName.isEmpty ? "LGSP Hub" : "LGSP Hub – \(snapshot.operatorName)"
  }

  private var header: HTML {
    .element("header") {
      HTML.element("div", [.init("class", "brand")]) {
        StatusStyle.mark
        HTML.element("div") {
          HTML.element("h1") { title }
          HTML.element("p") {
            Bilingual("Trục tích hợp, chia sẻ dữ liệu", "Data integration and sharing platform").html
          }
        }
      }
      HTML.element("p", [.init("class", "lost"), .init("id", "lost"), .init("role", "alert")])
      account
    }
  }

  /// Who is signed in, and the way out or in. It stands outside the part that the script renews.
  @HTMLBuilder private var account: HTML {
    switch viewer {
    case .unnamed: HTML.nothing
    case .signedOut(let title):
      HTML.element("p", [.init("class", "account")]) {
        HTML.element("a", [.init("class", "button"), .init("href", "/sign-in")]) {
          Bilingual("Đăng nhập bằng \(title)", "Sign in with \(title)").html
        }
      }
    case .signedIn(let name):
      HTML.element("form", [.init("class", "account"), .init("method", "post"), .init("action", "/sign-out")]) {
        HTML.element("span", [.init("class", "person")]) { name }
        HTML(" ")
        HTML.element("button", [.init("class", "button"), .init("type", "submit")]) {
          Bilingual("Đăng xuất", "Sign out").html
        }
      }
    }
  }

  /// The one sentence that a screen reader speaks when it changes; the figures below change silently.
  private var healthLine: HTML {
    let health = snapshot.health
    return .element("section", [.init("class", "health \(health.rawValue)")]) {
      HTML.element("div", [.init("class", "word"), .init("role", "status")]) {
        health.sign
        HTML.element("strong") { health.word.html }
        HTML.element("ul") {
          for note in snapshot.notes { HTML.element("li") { note.text.html } }
          if health == .well {
            HTML.element("li") {
              Bilingual("Mọi điểm kết nối đều thông, không có gì chờ người xử lý", "Nothing waits for a person").html
            }
          }
        }
      }
      HTML.element("p", [.init("class", "taken")]) {
        Bilingual("Số liệu lúc", "As of").html
        HTML(" ")
        Figures.time(snapshot.takenAt, now: snapshot.takenAt)
      }
    }
  }

  private var privacy: Bilingual {
    if case .signedIn = viewer {
      Bilingual("Trang này không chứa dữ liệu cá nhân nào ngoài tên bạn.", "No personal data here but your own name.")
    } else {
      Bilingual("Trang này không chứa dữ liệu cá nhân.", "No personal data on this page.")
    }
  }

  private var footer: HTML {
    .element("footer") {
      HTML.element("p") {
        Bilingual("Giờ Việt Nam (UTC+7).", "Times are UTC+7.").html
        HTML(" ")
        privacy.html
      }
      HTML.element("nav", [.init("aria-label", "API")]) {
        for path in ["/documents", "/status.json", "/metrics", "/health", "/ready", "/openapi.yaml"] {
          HTML.element("a", [.init("href", path)]) { path }
          HTML(" ")
        }
      }
    }
  }
}

extension Health {
  /// The word for it.
  var word: Bilingual {
    switch self {
    case .well: Bilingual("Hoạt động bình thường", "All is well")
    case .attention: Bilingual("Cần chú ý", "Needs attention")
    case .trouble: Bilingual("Có sự cố", "In trouble")
    }
  }

  /// A sign whose shape, not only its colour, tells which it is.
  var sign: HTML {
    switch self {
    case .well: Sign.tick
    case .attention: Sign.bang
    case .trouble: Sign.cross
    }
  }
}

/// Signs beside words: decoration for those who see, silent for those who listen.
enum Sign {
  static let tick = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8.5l3.2 3.2L13 5"/></svg>
      """)
  static let bang = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 3v6M8 12.4v.2"/></svg>
      """)
  static let cross = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
      """)
  static let bars = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 4v8M10.5 4v8"/></svg>
      """)
  static let arrow = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8h9M8.5 4.5L12 8l-3.5 3.5"/></svg>
      """)
  static let dot = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 8h.01"/></svg>
      """)
  static let half = HTML(
    literal: """
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8h10"/></svg>
      """)
}
