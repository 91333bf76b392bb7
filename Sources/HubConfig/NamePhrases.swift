internal import HubRouting

/// What is said about names that do not fit together.
extension Phrase {
  static func duplicateName(_ name: String, what: String, first: SourcePlace) -> Phrase {
    Phrase(
      "duplicate-name", en: "The name `\(name)` is taken: another \(what) has it at \(first).",
      vi: "Tên `\(name)` đã được dùng tại \(first).")
  }

  static func reservedName(_ name: String) -> Phrase {
    Phrase(
      "reserved-name", en: "`\(name)` has a meaning of its own in routes; give the endpoint another name.",
      vi: "`\(name)` đã có nghĩa riêng trong luồng; hãy đặt tên khác cho điểm kết nối.")
  }

  static func addressTaken(_ address: String, first: SourcePlace) -> Phrase {
    Phrase(
      "address-taken", en: "Another mock listens on \(address) already: \(first).",
      vi: "Đã có hệ thống giả lập khác lắng nghe tại \(address): \(first).")
  }

  static func unknownConnector(_ name: String, installed: [String]) -> Phrase {
    let list = installed.sorted().map { "`\($0)`" }.joined(separator: ", ")
    return Phrase(
      "unknown-connector", en: "There is no connector `\(name)`; installed are: \(list).",
      vi: "Không có bộ kết nối `\(name)`; đã cài: \(list).", suggestion: nearest(to: name, in: installed))
  }

  static func unknownEndpoint(_ name: String, near: String?) -> Phrase {
    Phrase(
      "unknown-endpoint", en: "There is no endpoint `\(name)` in endpoints/.",
      vi: "Không có điểm kết nối `\(name)` trong endpoints/.", suggestion: near)
  }

  static func unknownOperation(_ name: String, of endpoint: String, near: String?) -> Phrase {
    Phrase(
      "unknown-operation", en: "The connector of the endpoint `\(endpoint)` has no operation `\(name)`.",
      vi: "Connector của điểm kết nối `\(endpoint)` không có nghiệp vụ `\(name)`.", suggestion: near)
  }

  static func inboxWithoutReceiver(_ endpoint: String) -> Phrase {
    Phrase(
      "inbox-without-receiver",
      en: "Nobody fetches what goes to the inbox `\(endpoint)` without a receiver: use `recipients` and agencies.yaml.",
      vi: "Không ai lấy được bản tin gửi vào hộp nhận `\(endpoint)` mà không có nơi nhận: dùng `recipients` và "
        + "agencies.yaml.")
  }

  static func splitOfQuestions(_ route: String) -> Phrase {
    Phrase(
      "split-of-questions", en: "The route `\(route)` answers a service and cannot split: a question has one answer.",
      vi: "Luồng `\(route)` trả lời một dịch vụ nên không tách được: một câu hỏi có một câu trả lời.")
  }

  static func recordOfMoreThanReads(_ route: String) -> Phrase {
    Phrase(
      "record-of-more-than-reads",
      en: "The route `\(route)` has `record: before-reply`, which is for services (`match: {service: …}`) without "
        + "`enrich:`; leave it out.",
      vi:
        "Luồng `\(route)` có `record: before-reply`, chỉ dùng cho dịch vụ (`match: {service: …}`) không có `enrich:`; "
        + "hãy bỏ đi.")
  }

  static func recordOfLookUps(_ route: String) -> Phrase {
    Phrase(
      "record-of-look-ups",
      en: "The route `\(route)` looks up persons (`keys:` with `personal: true`): who looked at whom is written before "
        + "anybody is asked; leave `record: before-reply` out.",
      vi:
        "Luồng `\(route)` tra cứu cá nhân (`keys:` có `personal: true`): ai hỏi về ai phải được ghi trước khi hỏi; hãy "
        + "bỏ `record: before-reply`.")
  }

  static func splitIntoItself(_ route: String, type: String) -> Phrase {
    Phrase(
      "split-into-itself", en: "The route `\(route)` takes `\(type)`, into which it splits: that would never end.",
      vi: "Luồng `\(route)` nhận cả `\(type)` do chính nó tách ra: sẽ không bao giờ dừng.")
  }

  static func routeWithoutTarget(_ route: String) -> Phrase {
    Phrase(
      "route-without-target", en: "The route `\(route)` leads nowhere: it needs `to:` or `split:`.",
      vi: "Luồng `\(route)` không dẫn đến đâu: cần có `to:` hoặc `split:`.")
  }

  static func unusedEndpoint(_ name: String) -> Phrase {
    Phrase(
      "unused-endpoint", en: "Nothing uses the endpoint `\(name)`: no route, no agency, and it is not polled.",
      vi: "Không nơi nào dùng điểm kết nối `\(name)`: không luồng, không cơ quan, cũng không hỏi định kỳ.")
  }

  static func needsSignIn(_ key: String) -> Phrase {
    Phrase(
      "needs-sign-in", en: "`\(key)` means nothing without `signIn:`, the endpoint at which operators sign in.",
      vi: "`\(key)` không có nghĩa khi thiếu `signIn:`, điểm kết nối để người vận hành đăng nhập.")
  }

  static let noOperators = Phrase(
    "no-operators",
    en: "Nobody may sign in yet: `operators:` is empty. Whoever tries is told the subject to put there.",
    vi: "Chưa ai được đăng nhập: `operators:` trống. Người đăng nhập thử sẽ thấy mã của mình để thêm vào.")

  static func publicURLWithPath(_ url: String) -> Phrase {
    let origin = url.split(separator: "/").prefix(2).joined(separator: "//")
    return Phrase(
      "public-url-with-path",
      en:
        "`\(url.prefix(80))` has a path; the status page lies at the top of its server, so give scheme and host only.",
      vi: "`\(url.prefix(80))` có đường dẫn; trang trạng thái nằm ở gốc của máy chủ, chỉ ghi giao thức và tên máy.",
      suggestion: origin)
  }

  static func operatorTwice(first: SourcePlace) -> Phrase {
    Phrase(
      "operator-twice", en: "This operator stands at \(first) already.", vi: "Người này đã có tại \(first).")
  }

  static func unknownRoute(_ name: String, near: String?) -> Phrase {
    Phrase("unknown-route", en: "There is no route `\(name)`.", vi: "Không có luồng `\(name)`.", suggestion: near)
  }

  static func shadowedRoute(_ name: String, by other: String, at place: SourcePlace) -> Phrase {
    Phrase(
      "shadowed-route",
      en: "The route `\(name)` never takes a message: `\(other)` (\(place)) stands before it, has no `when:` and takes "
        + "all that it would.",
      vi: "Luồng `\(name)` không bao giờ nhận bản tin: `\(other)` (\(place)) đứng trước, không có `when:` và đã nhận "
        + "hết.")
  }

  static func missingSource(_ path: String, near: String?) -> Phrase {
    Phrase("missing-file", en: "There is no file `\(path)`.", vi: "Không có tệp `\(path)`.", suggestion: near)
  }

  static func wrongEnding(_ name: String, wanted: String) -> Phrase {
    Phrase(
      "wrong-ending", en: "`\(name)` does not end in `\(wanted)`.", vi: "`\(name)` không có đuôi `\(wanted)`.")
  }

  static func unusedSource(_ path: String) -> Phrase {
    Phrase("unused-file", en: "No route uses `\(path)`.", vi: "Không luồng nào dùng `\(path)`.")
  }

  static func missingKeep(_ route: String) -> Phrase {
    Phrase(
      "missing-keep",
      en: "The route `\(route)` does not say what is kept of bodies once settled: `keep: digest`, `keep: masked`, or a "
        + "duration such as `keep: 30d`.",
      vi: "Luồng `\(route)` chưa nêu giữ gì của nội dung sau khi kết thúc: `keep: digest`, `keep: masked`, hoặc thời "
        + "gian như `keep: 30d`.")
  }

  static func personalDataWithoutWhy(_ route: String, schema: String) -> Phrase {
    Phrase(
      "personal-data-without-why",
      en:
        "The route `\(route)` keeps bodies, and \(schema) marks personal data in them (x-personal-data). Keep digests "
        + "only (`keep: digest`), or give the reason as `why:` (Law 91/2025/QH15).",
      vi: "Luồng `\(route)` giữ nội dung có dữ liệu cá nhân theo \(schema) (x-personal-data). Hãy chỉ giữ giá trị băm "
        + "(`keep: digest`), hoặc nêu lý do ở `why:` (Luật 91/2025/QH15).")
  }

  static func unusualAttribute(_ name: String, near: String) -> Phrase {
    Phrase(
      "unusual-attribute", en: "`\(name)` is no attribute that the hub knows; an extension of that name would fit.",
      vi: "`\(name)` không phải thuộc tính mà hub biết; chỉ khớp khi có phần mở rộng tên này.", suggestion: near)
  }
}
