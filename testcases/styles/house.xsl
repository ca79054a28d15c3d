<?xml version="1.0" encoding="UTF-8"?>
<!-- An own style sheet that keeps the page and changes a little: another title, other colours. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:mvpnbench:report:1" exclude-result-prefixes="r">
<xsl:import href="mvpnbench:report.xsl"/>

<xsl:template name="page-title">
  <xsl:value-of select="concat('Example lab: ', /r:report/r:result/r:cases/r:test_case[1]/r:dut/r:name)"/>
</xsl:template>

<xsl:template name="style">
  <xsl:call-template name="built-in-style"/>
  :root { --link: #5b21b6; --raised: #f3f0fa; }
  @media (prefers-color-scheme: dark) { :root { --link: #c4b5fd; --raised: #221d33; } }
</xsl:template>

</xsl:stylesheet>
