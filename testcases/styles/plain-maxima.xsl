<?xml version="1.0" encoding="UTF-8"?>
<!-- An own style sheet that reads the result itself: one line a maximum, for a wiki or a mail. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:mvpnbench:report:1">
<xsl:output method="text" encoding="UTF-8"/>

<xsl:template match="/">
  <xsl:for-each select="r:report/r:result/r:cases/r:test_case/r:maximum/r:point">
    <xsl:value-of select="../../r:case"/>
    <xsl:text> </xsl:text>
    <xsl:value-of select="r:stimulus"/>
    <xsl:for-each select="r:where/r:value">
      <xsl:value-of select="concat(' ', @name, '=', .)"/>
    </xsl:for-each>
    <xsl:value-of select="concat(': ', r:variable, ' = ', r:value, '&#10;')"/>
  </xsl:for-each>
</xsl:template>

</xsl:stylesheet>
