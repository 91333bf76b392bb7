<?xml version="1.0" encoding="UTF-8"?>
<!-- Hồ sơ sang mẫu của nơi nhận. – A dossier in the receiver's form. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>
  <xsl:template match="/dossier">
    <hoSo ma="{code}">
      <thuTuc><xsl:value-of select="procedure"/></thuTuc>
      <nguoiNop><xsl:value-of select="applicant"/></nguoiNop>
      <thanhPhan>
        <xsl:for-each select="documents/document">
          <giayTo so="{@number}"><xsl:value-of select="."/></giayTo>
        </xsl:for-each>
      </thanhPhan>
    </hoSo>
  </xsl:template>
</xsl:stylesheet>
