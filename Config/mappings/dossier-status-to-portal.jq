# Trạng thái chuẩn của hồ sơ sang tiến độ theo mẫu của Cổng Dịch vụ công quốc gia (CapNhatTienDoHoSoMC): mọi giá trị là
# chuỗi, ngày giờ là yyyyMMddHHmmss theo giờ Việt Nam, điều chưa biết là chuỗi rỗng.
# The canonical status of a dossier into progress of the national portal's form: every value is a string, times are
# yyyyMMddHHmmss by Vietnam's clocks, what is not known is an empty text.

def digits: .[0:19] | gsub("[^0-9]"; "");
def time:
  if . == null or . == "" then ""
  elif test("\\+07:00$") then digits
  else
    capture("^(?<local>[0-9-]{10}[Tt ][0-9:]{8})(\\.[0-9]+)?(?<zone>[Zz]|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))$")
    | ((.hours // "0" | tonumber) * 3600 + (.minutes // "0" | tonumber) * 60) as $away
    | (.local[0:10] + "T" + .local[11:19] + "Z" | fromdateiso8601)
      + (if .sign == "-" then $away else -$away end) + 25200
    | todateiso8601 | digits
  end;

{
  "registered": ["1", "Mới đăng ký"],
  "accepted": ["2", "Được tiếp nhận"],
  "not-accepted": ["3", "Không được tiếp nhận"],
  "in-progress": ["4", "Đang xử lý"],
  "supplement-requested": ["5", "Yêu cầu bổ sung giấy tờ"],
  "fee-requested": ["6", "Yêu cầu thực hiện nghĩa vụ tài chính"],
  "withdrawn": ["7", "Công dân yêu cầu rút hồ sơ"],
  "stopped": ["8", "Dừng xử lý"],
  "finished": ["9", "Đã xử lý xong"],
  "returned": ["10", "Đã trả kết quả"]
}[.status] as $status
| {
    MaHoSo: .dossierCode,
    NguoiXuLy: (.officer.name // ""),
    ChucDanh: (.officer.title // ""),
    ThoiDiemXuLy: (.at | time),
    PhongBanXuLy: (.unit.name // .unit.code // ""),
    NoiDungXuLy: (.content // $status[1]),
    TrangThai: $status[0],
    NgayBatDau: (.at | time),
    NgayKetThucTheoQuyDinh: (.dueAt | time)
  }
