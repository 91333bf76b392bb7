# Hồ sơ sang mẫu của nơi nhận: vài trường, một mảng. – A dossier in the receiver's form: some members and an array.

{
  maHoSo: .code,
  maThuTuc: .procedure.code,
  tenThuTuc: .procedure.name,
  nguoiNop: .applicant.name,
  ngayNop: .submittedAt,
  hanTra: .dueAt,
  trangThai: (if .status == "processing" then "3" else "1" end),
  thanhPhan: [.documents[] | {ten: .name, so: .number}]
}
