<?xml version="1.0" encoding="UTF-8"?>
<!-- Đổi báo cáo của đơn vị sang mẫu tổng hợp: chỉ tiêu xếp theo mã, kèm số lượng và tổng.
     Makes a unit's report into the summary form: indicators by code, with their number and sum. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:b="urn:haiphong:bao-cao:1"
  exclude-result-prefixes="b">
  <xsl:output method="xml" encoding="UTF-8" indent="no" media-type="application/xml"/>

  <xsl:template match="/b:baoCao">
    <tongHop donVi="{@donVi}" ky="{@ky}" soChiTieu="{count(b:chiTieu)}" tong="{sum(b:chiTieu/b:giaTri)}">
      <xsl:for-each select="b:chiTieu">
        <xsl:sort select="@ma"/>
        <chiTieu ma="{@ma}" giaTri="{b:giaTri}">
          <xsl:if test="b:donViTinh">
            <xsl:attribute name="donViTinh"><xsl:value-of select="b:donViTinh"/></xsl:attribute>
          </xsl:if>
          <xsl:value-of select="b:ten"/>
        </chiTieu>
      </xsl:for-each>
    </tongHop>
  </xsl:template>
</xsl:stylesheet>
