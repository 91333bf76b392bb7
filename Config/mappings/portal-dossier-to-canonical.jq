# Hồ sơ của Cổng Dịch vụ công quốc gia (QĐ 766, DongBoHoSoMC) sang hồ sơ chuẩn của thành phố. Ở cổng mọi giá trị đều
# là chuỗi, ngày giờ là yyyyMMddHHmmss theo giờ Việt Nam; trường để trống coi như không có.
# A dossier of the national portal into the city's canonical dossier. There every value is a string and times are
# yyyyMMddHHmmss by Vietnam's clocks; an empty text counts as absent.

def given: if . == null or . == "" then null else . end;
def time:
  given | if . == null then null
    elif test("^[0-9]{14}$") then
      .[0:4] + "-" + .[4:6] + "-" + .[6:8] + "T" + .[8:10] + ":" + .[10:12] + ":" + .[12:14] + "+07:00"
    else null end;
# Không có gì thì không viết ra. – What is not there is not written.
def compact: with_entries(select(.value != null and .value != {}));

["registered", "accepted", "not-accepted", "in-progress", "supplement-requested", "fee-requested", "withdrawn",
 "stopped", "finished", "returned"] as $statuses
| ($statuses[((.TrangThaiHoSo | given) // "1" | tonumber) - 1]) as $status
| {
    dossierCode: .MaHoSo,
    procedure: ({
      code: .MaTTHC,
      name: (.TenTTHC | given),
      field: ({code: (.MaLinhVuc | given), name: (.TenLinhVuc | given)} | compact)
    } | compact),
    channel: ({"1": "counter", "2": "online", "3": "post"}[.KenhThucHien // "2"] // "online"),
    applicant: ({
      kind: ({"1": "citizen", "2": "enterprise", "3": "agency"}[.LoaiDoiTuong // "4"] // "other"),
      name: .ChuHoSo,
      personalId: ([.DinhDanhCHS[]?.SoDinhDanh | given | values][0]),
      verified: $calls.person.match,
      techId: (.MaDoiTuong | given),
      phone: (.SoDienThoai | given),
      email: (.Email | given)
    } | compact),
    summary: (.TrichYeuHoSo | given),
    submittedAt: (.NgayNopHoSo | time),
    receivedAt: (.NgayTiepNhan | time),
    dueAt: (.NgayHenTra | time),
    finishedAt: (.NgayKetThucXuLy | time),
    returnedAt: (.NgayTra | time),
    status: $status,
    unit: ({code: (.DonViXuLy | given)} | compact),
    files: [
      .TaiLieuNop[]? | select(.IsDeleted // "" | ascii_downcase | . != "1" and . != "true")
      | {
          id: (.TepDinhKemId | given),
          name: .TenTepDinhKem,
          component: (.MaThanhPhanHoSo | given),
          mediaType: (
            (.TenTepDinhKem // "" | ascii_downcase) as $name
            | if $name | endswith(".pdf") then "application/pdf"
              elif $name | endswith(".jpg") or endswith(".jpeg") then "image/jpeg"
              elif $name | endswith(".png") then "image/png"
              elif $name | endswith(".txt") then "text/plain"
              else "application/octet-stream" end),
          content: (.Base64 | given),
          url: (.DuongDanTaiTepTin | given)
        } | compact
    ],
    fees: [
      .DanhSachLePhi[]?
      | {
          code: (.MaPhiLePhi | given),
          name: (.TenPhiLePhi | given),
          amount: ((.Gia | given) // "0" | tonumber),
          kind: (.LoaiPhiLePhi | given)
        } | compact
    ],
    vneidVerified: (.TaiKhoanDuocXacThucVoiVNeID == "1"),
    note: (.GhiChu | given)
  }
| compact
