extension ProblemType {
  /// What is said about a kind of problem.
  struct Words {
    let title, english, vietnamese: String
  }

  /// The words for each kind.
  var words: Words {
    switch self {
    case .invalid, .forbidden, .secret, .conflict, .unavailable, .full, .tooLarge, .unknownReceiver,
      .noRoute,
      .tooMany:
      busWords
    case .farSystemRefused, .farSystemFailed, .farSystemUnavailable, .deadlinePassed, .answerAbandoned:
      questionWords
    default:
      doorWords
    }
  }

  private var busWords: Words {
    switch self {
    case .forbidden:
      Words(
        title: "No right to do this",
        english:
          "Your agency has no right to send this type to these receivers. Ask the operator of the hub.",
        vietnamese:
          "Cơ quan của bạn chưa được cấp quyền gửi loại thông điệp này. Hãy liên hệ đơn vị vận hành."
      )
    case .secret:
      Words(
        title: "State secrets never pass",
        english:
          "The content is marked as a state secret. It was not kept. Use the channel that the law provides.",
        vietnamese:
          "Nội dung mang dấu độ mật. Hệ thống không lưu nội dung này. Hãy gửi qua kênh theo quy định."
      )
    case .conflict:
      Words(
        title: "The id was used for other content",
        english: "The same source and id came before with other data. Give the new event a new id.",
        vietnamese:
          "Cặp source và id này đã dùng cho nội dung khác. Hãy dùng id mới cho sự kiện mới.")
    case .tooLarge:
      Words(
        title: "Too large",
        english:
          "The request is larger than the hub takes. Nothing was kept. Send less, or large data in binary mode.",
        vietnamese: "Yêu cầu vượt quá dung lượng cho phép. Không có gì được lưu.")
    case .unknownReceiver:
      Words(
        title: "Unknown receiver",
        english:
          "A receiver's organisation code is not known here. Check the code that the problem names.",
        vietnamese:
          "Mã định danh cơ quan nhận không có trong hệ thống. Hãy kiểm tra lại mã được nêu.")
    case .noRoute:
      Words(
        title: "No route takes it",
        english:
          "No route is configured for this type and these receivers. Ask the operator of the hub.",
        vietnamese:
          "Chưa có tuyến chuyển cho loại thông điệp và nơi nhận này. Hãy liên hệ đơn vị vận hành.")
    default: stateWords
    }
  }

  /// What the hub cannot take now, and what is wrong in the message itself.
  private var stateWords: Words {
    switch self {
    case .tooMany:
      Words(
        title: "Too much under way",
        english:
          "Your agency has as much under way as it may. Wait as long as Retry-After says, then send it again.",
        vietnamese:
          "Cơ quan của bạn đang có quá nhiều thông điệp chưa xử lý xong. Hãy đợi rồi gửi lại.")
    case .unavailable:
      Words(
        title: "Not now",
        english:
          "The hub cannot take messages now. Nothing was kept. Send it again after Retry-After.",
        vietnamese:
          "Hệ thống tạm thời chưa nhận được thông điệp. Không có gì được lưu. Hãy gửi lại sau.")
    case .full:
      Words(
        title: "No room",
        english:
          "The hub's disk is full. Nothing was kept. Send it again later; the operator was alerted.",
        vietnamese: "Hệ thống hết dung lượng lưu trữ. Không có gì được lưu. Hãy gửi lại sau.")
    default:
      Words(
        title: "The message is not valid",
        english:
          "Syntax, encoding or an attribute breaks a rule. `violations` names each place. Correct and send again.",
        vietnamese:
          "Cú pháp, bảng mã hoặc thuộc tính không hợp lệ. Xem `violations` để biết vị trí, sửa rồi gửi lại."
      )
    }
  }

  /// What became of a question behind the hub.
  private var questionWords: Words {
    switch self {
    case .farSystemRefused:
      Words(
        title: "The far system said no",
        english:
          "The system that was asked refused the question for good; `code` and `detail` say why. It is on record.",
        vietnamese: "Hệ thống được hỏi đã từ chối; xem `code` và `detail`. Câu hỏi đã được ghi lại.")
    case .farSystemFailed:
      Words(
        title: "The far system gave no usable answer",
        english:
          "Its answer was lost, or is not as agreed. It may have acted on the question: look before asking again.",
        vietnamese:
          "Câu trả lời bị mất hoặc không đúng thoả thuận. Hệ thống được hỏi có thể đã xử lý: hãy kiểm tra trước."
      )
    case .farSystemUnavailable:
      Words(
        title: "The far system is away",
        english: "The question did not reach it. Ask again after Retry-After.",
        vietnamese: "Hệ thống được hỏi đang gián đoạn, chưa nhận câu hỏi. Hãy hỏi lại sau Retry-After.")
    case .deadlinePassed:
      Words(
        title: "The time was over before the question was sent",
        english: "Nothing was sent, and nothing will be. Ask again, with a longer `Prefer: wait`.",
        vietnamese: "Hết thời hạn trước khi gửi; không có gì được gửi đi. Hãy hỏi lại với `Prefer: wait` dài hơn.")
    default:
      Words(
        title: "The time was over before the answer came",
        english:
          "The question was sent and is not repeated; the far system may have acted on it. Look before asking again.",
        vietnamese:
          "Hết thời hạn trước khi có câu trả lời; câu hỏi đã gửi và không gửi lại. Hãy kiểm tra trước khi hỏi lại.")
    }
  }

  private var doorWords: Words {
    switch self {
    case .leaseEnded:
      Words(
        title: "The lease is over",
        english:
          "You do not hold the message any more: it is offered again. Fetch it again and acknowledge it in time.",
        vietnamese: "Thời gian giữ bản tin đã hết: bản tin được đưa ra lại. Hãy lấy lại và xác nhận kịp thời.")
    case .tokenMissing:
      Words(
        title: "A token is needed",
        english: "Get one at /oauth2/token and send it as `Authorization: Bearer <token>`.",
        vietnamese:
          "Thiếu mã truy cập. Hãy lấy tại /oauth2/token và gửi trong `Authorization: Bearer <token>`."
      )
    case .tokenInvalid:
      Words(
        title: "The token is not valid",
        english:
          "It was not issued by this hub, or was changed on the way. Get a new one at /oauth2/token.",
        vietnamese: "Mã truy cập không hợp lệ. Hãy lấy mã mới tại /oauth2/token.")
    case .tokenExpired:
      Words(
        title: "The token expired",
        english: "Get a new one at /oauth2/token.",
        vietnamese: "Mã truy cập đã hết hạn. Hãy lấy mã mới.")
    case .tokenRevoked:
      Words(
        title: "The credential was revoked",
        english:
          "The credential for which the token was given does not count any more. Use the current one.",
        vietnamese: "Thông tin xác thực đã bị thu hồi. Hãy dùng thông tin hiện hành.")
    case .tooManyGuesses:
      Words(
        title: "Too many wrong secrets",
        english: "Wait as long as Retry-After says, then try with the right secret.",
        vietnamese: "Nhập sai thông tin xác thực quá nhiều lần. Hãy đợi rồi thử lại.")
    default: requestWords
    }
  }

  /// What is wrong with the request as HTTP, or with the hub.
  private var requestWords: Words {
    switch self {
    case .notFound:
      Words(
        title: "Not found",
        english: "There is nothing at this address, or nothing that you may see.",
        vietnamese: "Không tìm thấy, hoặc bạn không có quyền xem.")
    case .methodNotAllowed:
      Words(
        title: "Method not allowed",
        english:
          "This address does not know the method. The Allow field lists those that it knows.",
        vietnamese: "Địa chỉ này không hỗ trợ phương thức đã dùng. Xem trường Allow.")
    case .mediaType:
      Words(
        title: "Media type not supported",
        english: "Content-Type or Content-Encoding is not one that is read here.",
        vietnamese: "Kiểu nội dung hoặc kiểu nén không được hỗ trợ.")
    case .headerTooLarge:
      Words(
        title: "Header fields too large",
        english: "Send fewer or shorter header fields.",
        vietnamese: "Phần tiêu đề của yêu cầu quá lớn.")
    case .timeout:
      Words(
        title: "The request took too long",
        english: "The whole request did not come in time. Nothing was kept. Send it again.",
        vietnamese:
          "Yêu cầu không đến đủ trong thời gian cho phép. Không có gì được lưu. Hãy gửi lại.")
    case .notReady:
      Words(
        title: "Not ready",
        english: "The hub runs but takes no messages yet; `reasons` says why.",
        vietnamese: "Hệ thống đang chạy nhưng chưa sẵn sàng; xem `reasons`.")
    case .internal:
      Words(
        title: "The hub failed",
        english:
          "This is a fault of the hub. Tell the operator what stands in `instance`; sending again is safe.",
        vietnamese:
          "Lỗi nội bộ của hệ thống. Hãy báo giá trị `instance` cho đơn vị vận hành; có thể gửi lại."
      )
    default:
      Words(
        title: "The request is malformed",
        english: "It does not follow HTTP, or a needed part is missing.",
        vietnamese: "Yêu cầu không đúng giao thức HTTP hoặc thiếu thành phần bắt buộc.")
    }
  }
}
