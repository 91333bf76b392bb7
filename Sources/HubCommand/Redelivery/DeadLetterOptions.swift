internal import ArgumentParser
internal import HubAdmin
internal import HubKit

/// Which of the things that wait for a person are meant, as options.
struct DeadLetterOptions: ParsableArguments {
  @Option(help: "Chỉ của điểm kết nối này / only what was to go to this endpoint.")
  var endpoint: String?
  @Option(help: "Tuyến / the route that took the message.")
  var route: String?
  @Option(help: "Cơ quan gửi / sending agency.")
  var sender: String?
  @Option(help: "Cơ quan nhận / receiving agency.")
  var receiver: String?
  @Option(help: "Loại bản tin / event type.")
  var type: String?
  @Option(help: "Mã lỗi / failure code, as in http-422.")
  var code: String?
  @Option(help: "Khoá nghiệp vụ / business key, as name=value.")
  var key: KeyValue?
  @Option(help: "Nhận từ / received from then on: RFC 3339, or a day (+07:00).")
  var from: DayOrTime?
  @Option(help: "Nhận trước / received before then: RFC 3339, or a day (+07:00).")
  var to: DayOrTime?

  var isEmpty: Bool { filter == ControlFilter() }

  var filter: ControlFilter {
    var filter = ControlFilter()
    filter.endpoint = endpoint
    filter.route = route
    filter.sender = sender
    filter.receiver = receiver
    filter.type = type
    filter.code = code
    filter.key = key?.text
    filter.from = from?.time
    filter.to = to?.time
    return filter
  }
}

/// A business key with its value.
struct KeyValue: ExpressibleByArgument, Sendable {
  let text: String

  init?(argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
      argument.index(after: equals) != argument.endIndex
    else { return nil }
    text = argument
  }
}

/// A moment, or the beginning of a day of Viet Nam's time.
struct DayOrTime: ExpressibleByArgument, Sendable {
  let time: Timestamp

  init?(argument: String) {
    guard let time = Timestamp(dayOrTime: argument) else { return nil }
    self.time = time
  }
}
