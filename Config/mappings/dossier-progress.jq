# Đổi tiến độ hồ sơ sang mẫu của hệ thống nhận. Nơi nhận chỉ cần biết ai nộp hồ sơ, không cần số định danh và số điện
# thoại, nên hai trường này không đi tiếp.
# Makes progress into the receiving system's form. The receiver needs the applicant's name, but neither the personal
# number nor the telephone number, so these two go no further.

{
  received: {ma: "1", ten: "Đã tiếp nhận"},
  assigned: {ma: "2", ten: "Đã phân công"},
  processing: {ma: "3", ten: "Đang xử lý"},
  supplement: {ma: "4", ten: "Yêu cầu bổ sung"},
  rejected: {ma: "5", ten: "Từ chối"},
  finished: {ma: "6", ten: "Đã có kết quả"},
  returned: {ma: "7", ten: "Đã trả kết quả"}
} as $statuses
| {
    maHoSo: .dossierCode,
    maThuTuc: .procedureCode,
    trangThai: $statuses[.status],
    thoiDiem: .changedAt,
    nguoiNop: .applicant.fullName,
    coQuanGui: $envelope.sender
  }
  + (if .dueAt then {hanTra: .dueAt} else {} end)
  + (if .note then {ghiChu: .note} else {} end)
