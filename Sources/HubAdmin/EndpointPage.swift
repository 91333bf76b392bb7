/// What is configured of one endpoint, to be read: made from what its connector declares, so that a setting cannot be
/// forgotten here.
struct EndpointPage {
  let sheet: EndpointSheet
  let nonce: String

  /// The whole document.
  var html: String {
    BarePage(title: "\(sheet.endpoint) – LGSP Hub", nonce: nonce, content: content).html
  }

  private var content: HTML {
    .joined([
      HTML.element("section", [.init("class", "card")]) {
        HTML.element("h2") { sheet.endpoint }
        HTML.element("p") {
          HTML.element("b") { "\(sheet.connector) \(sheet.version)" }
          HTML.element("span", [.init("class", "sub")]) { sheet.summary }
        }
        HTML.element("p") {
          HTML.element("a", [.init("href", "/")]) { Bilingual("Trang trạng thái", "Status page").html }
        }
      },
      Table(
        id: "settings", title: Bilingual("Thiết lập", "Settings"),
        columns: [
          Column("Tên", "Name", "name"), Column("Đang dùng", "In force", "code"),
          Column("Mặc định", "Default", "code"), Column("Ví dụ", "Example", "code"),
          Column("Ý nghĩa", "Meaning", "wide"),
        ],
        rows: sheet.settings.map(row), empty: Bilingual("Bộ kết nối không có thiết lập nào", "It has no settings")
      ).html,
    ])
  }

  private func row(_ setting: EndpointSheet.Setting) -> [HTML] {
    [
      .joined([
        .element("b") { setting.name },
        .element("span", [.init("class", "sub")]) { setting.kind },
      ]),
      value(setting.value),
      setting.isRequired
        ? Bilingual("bắt buộc", "required").html : setting.standard.map { code($0) } ?? HTML("–"),
      code(setting.example), HTML(setting.help),
    ]
  }

  private func value(_ value: EndpointSheet.Value?) -> HTML {
    switch value {
    case nil: HTML("–")
    case .plain(let text): code(text)
    case .hidden: Bilingual("đã đặt, không hiển thị", "set, not shown").html
    }
  }

  private func code(_ text: String) -> HTML { .element("code") { text } }
}
