internal import HubKit

// Which deliveries an order is about, and whether it makes sense.

extension BusCore {
  /// The numbers of the deliveries that an order is about; empty: the message itself, which was unfit.
  func targets(of order: Order, _ seat: ExchangeSeat, _ now: Timestamp) throws(OrderRefusal) -> [Int] {
    guard !isDraining else { throw OrderRefusal(.unavailable, "Hub đang dừng", "the hub is stopping") }
    guard !seat.isQuestion else {
      throw OrderRefusal(
        .senseless, "\(seat.id) là một câu hỏi: người hỏi đã được trả lời",
        "\(seat.id) is a question: whoever put it was told how it ended, and puts it again himself")
    }
    let targets: [Int]
    if let number = order.delivery {
      targets = [try target(number, order.action, seat)]
    } else {
      targets = try allTargets(of: order.action, seat)
    }
    guard order.action != .drop else { return targets }
    if let expiry = seat.expiry, expiry <= now {
      throw OrderRefusal(
        .senseless, "\(seat.id) đã quá hạn lúc \(expiry)",
        "the sender did not want \(seat.id) delivered after \(expiry); give it up with drop")
    }
    for number in targets {
      let name = seat.deliveries[number - 1].planned.endpoint
      guard endpoints[name] != nil else {
        throw OrderRefusal(
          .senseless, "Không có điểm kết nối \(name) trong cấu hình", "endpoint \(name) is not configured (any more)")
      }
    }
    return targets
  }

  private func allTargets(of action: Order.Action, _ seat: ExchangeSeat) throws(OrderRefusal) -> [Int] {
    let numbers = Array(seat.deliveries.indices.map { $0 + 1 })
    if action == .resend {
      let targets = numbers.filter { seat.deliveries[$0 - 1].isCounted }
      for number in targets { _ = try target(number, action, seat) }
      guard !targets.isEmpty else {
        throw OrderRefusal(
          .senseless, "\(seat.id) chưa được gửi cho ai", "nothing of \(seat.id) was ever to be delivered")
      }
      return targets
    }
    let dead = numbers.filter { seat.deliveries[$0 - 1].isDeadLetter && seat.deliveries[$0 - 1].needsPerson }
    let isUnfit = seat.isUnfit && seat.isPlanned && !seat.isDropped
    guard isUnfit || !dead.isEmpty else {
      throw OrderRefusal(
        .senseless, "\(seat.id) không chờ ai xử lý (\(seat.state.rawValue))",
        "nothing of \(seat.id) waits for a person: it is \(seat.state.rawValue)")
    }
    return isUnfit ? [] : dead
  }

  /// One delivery by its number.
  private func target(
    _ number: Int, _ action: Order.Action, _ seat: ExchangeSeat
  ) throws(OrderRefusal) -> Int {
    let name = "\(seat.id).\(number)"
    guard seat.deliveries.indices.contains(number - 1) else {
      throw OrderRefusal(.unknown, "Không có lượt giao \(name)", "no delivery \(name) is known")
    }
    let delivery = seat.deliveries[number - 1]
    guard delivery.state.isEnd, !delivery.isUnderway else {
      throw OrderRefusal(.underway, "\(name) đang được xử lý", "\(name) is still under way: it is delivered by itself")
    }
    guard !delivery.isReplaced else {
      throw OrderRefusal(.senseless, "\(name) đã có lượt giao khác thay", "another delivery stands for \(name)")
    }
    if action == .resend {
      guard delivery.planned.role != .call else {
        throw OrderRefusal(
          .senseless, "\(name) là câu hỏi trên đường", "\(name) is a call of the route: it is put again by redeliver")
      }
      return number
    }
    guard !delivery.isDropped else {
      throw OrderRefusal(.senseless, "\(name) đã được cho thôi", "\(name) was given up: resend sends it anew")
    }
    guard delivery.isDeadLetter else {
      throw OrderRefusal(
        .senseless, "\(name) không chờ ai xử lý (\(delivery.state.rawValue))",
        delivery.state == .delivered && action == .redeliver
          ? "\(name) was delivered: only resend sends it again, under a new key"
          : "\(name) does not wait for a person: it is \(delivery.state.rawValue)")
    }
    guard delivery.planned.role != .call || delivery.needsPerson && seat.isLostCall(number) else {
      throw OrderRefusal(.senseless, "\(name) không còn cần", "the route has gone on without the answer of \(name)")
    }
    return number
  }
}

extension DeliverySeat {
  /// Whether the exchange is judged by its end.
  fileprivate var isCounted: Bool { planned.role == nil && !isReplaced }
}
