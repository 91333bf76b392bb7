/// A document with our head and one part: no figures, no script.
struct BarePage {
  let title: String
  let nonce: String
  let content: HTML

  /// The whole document.
  var html: String {
    "<!DOCTYPE html>\n"
      + HTML.element("html", [.init("lang", "vi")]) {
        HTML.element("head") {
          HTML.void("meta", [.init("charset", "utf-8")])
          HTML.void("meta", [.init("name", "viewport"), .init("content", "width=device-width, initial-scale=1")])
          HTML.void("meta", [.init("name", "color-scheme"), .init("content", "light dark")])
          HTML.void("meta", [.init("name", "robots"), .init("content", "noindex")])
          HTML.element("title") { title }
          HTML.void("link", [.init("rel", "icon"), .init("href", StatusStyle.icon)])
          HTML.element("style", [.init("nonce", nonce)]) { StatusStyle.source }
        }
        HTML.element("body") {
          HTML.element("header") {
            HTML.element("div", [.init("class", "brand")]) {
              StatusStyle.mark
              HTML.element("h1") { "LGSP Hub" }
            }
          }
          HTML.element("main") { content }
        }
      }.markup
  }
}
