<?xml version="1.0" encoding="UTF-8"?>
<!--
  The page of a report: <document> of report.xml as one self-contained HTML page, without scripts,
  pictures or anything else from elsewhere. Part of the program; `xsltproc report.xsl report.xml`
  makes the same page. An own style sheet may import it as "mvpnbench:report.xsl" and replace
  templates. docs/reports.md tells how.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:mvpnbench:report:1" xmlns:svg="http://www.w3.org/2000/svg"
                xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                exclude-result-prefixes="r svg xsi">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="r:*"/>

<xsl:template match="/">
  <xsl:apply-templates select="r:report/r:document"/>
</xsl:template>

<xsl:template match="r:document">
  <html lang="en">
    <head>
      <meta http-equiv="Content-Security-Policy"
            content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="referrer" content="no-referrer"/>
      <title><xsl:call-template name="page-title"/></title>
      <style><xsl:call-template name="style"/></style>
    </head>
    <body>
      <a class="skip" href="#content">Skip to the content</a>
      <header>
        <h1><xsl:value-of select="r:title"/></h1>
        <xsl:apply-templates select="*[not(self::r:title or self::r:section)]"/>
      </header>
      <main id="content">
        <xsl:apply-templates select="r:section[1]"/>
        <xsl:if test="count(r:section) &gt; 1">
          <xsl:call-template name="contents"/>
        </xsl:if>
        <xsl:apply-templates select="r:section[position() &gt; 1]"/>
      </main>
    </body>
  </html>
</xsl:template>

<xsl:template name="page-title">
  <xsl:value-of select="r:title"/>
</xsl:template>

<!-- ===== contents ===== -->

<xsl:template name="contents">
  <nav aria-label="Contents">
    <ol>
      <xsl:for-each select="r:section">
        <li>
          <a href="#{@id}"><xsl:value-of select="r:title"/></a>
          <xsl:if test="r:section">
            <ol>
              <xsl:for-each select="r:section">
                <li><a href="#{@id}"><xsl:value-of select="r:title"/></a></li>
              </xsl:for-each>
            </ol>
          </xsl:if>
        </li>
      </xsl:for-each>
    </ol>
  </nav>
</xsl:template>

<!-- ===== sections ===== -->

<xsl:template name="heading">
  <xsl:choose>
    <xsl:when test="count(ancestor::r:section) = 0"><h2><xsl:value-of select="r:title"/></h2></xsl:when>
    <xsl:when test="count(ancestor::r:section) = 1"><h3><xsl:value-of select="r:title"/></h3></xsl:when>
    <xsl:otherwise><h4><xsl:value-of select="r:title"/></h4></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template match="r:section">
  <section id="{@id}">
    <xsl:call-template name="heading"/>
    <xsl:call-template name="blocks"/>
  </section>
</xsl:template>

<!-- What fills pages and is looked up: closed on a screen, open on paper. -->
<xsl:template match="r:section[r:table[@kind = 'instances'] or
                               (r:table[@kind = 'metric'] and preceding-sibling::r:section[r:table[@kind = 'metric']])]">
  <section id="{@id}">
    <details>
      <summary><xsl:call-template name="heading"/></summary>
      <xsl:call-template name="blocks"/>
    </details>
  </section>
</xsl:template>

<!-- The first screen: what each case held, and its slowest recovery, before the tables that say so. -->
<xsl:template match="r:document/r:section[r:table/@kind = 'maximum']">
  <section id="{@id}">
    <xsl:call-template name="heading"/>
    <xsl:call-template name="cards"/>
    <xsl:call-template name="blocks"/>
  </section>
</xsl:template>

<xsl:template name="cards">
  <xsl:variable name="recovery" select="r:table[@kind = 'maximum-recovery']/r:row"/>
  <ul class="cards">
    <xsl:for-each select="r:table[@kind = 'maximum']/r:row">
      <xsl:variable name="case" select="string(r:cell[1])"/>
      <xsl:if test="not(preceding-sibling::r:row[r:cell[1] = $case])">
        <xsl:call-template name="card">
          <xsl:with-param name="case" select="$case"/>
          <xsl:with-param name="rows" select="../r:row[r:cell[1] = $case]"/>
          <xsl:with-param name="recovery" select="$recovery[r:cell[1] = $case]"/>
        </xsl:call-template>
      </xsl:if>
    </xsl:for-each>
  </ul>
</xsl:template>

<xsl:template name="card">
  <xsl:param name="case"/>
  <xsl:param name="rows"/>
  <xsl:param name="recovery"/>
  <xsl:variable name="least">
    <xsl:for-each select="$rows/r:cell[7][@value]">
      <xsl:sort select="@value" data-type="number"/>
      <xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if>
    </xsl:for-each>
  </xsl:variable>
  <xsl:variable name="greatest">
    <xsl:for-each select="$rows/r:cell[7][@value]">
      <xsl:sort select="@value" data-type="number" order="descending"/>
      <xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if>
    </xsl:for-each>
  </xsl:variable>
  <li>
    <span class="which"><xsl:value-of select="concat('Case ', $case)"/></span>
    <span class="figure">
      <xsl:choose>
        <xsl:when test="$least = ''">none held</xsl:when>
        <xsl:when test="$least = $greatest"><xsl:value-of select="$greatest"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="concat($least, '&#x2013;', $greatest)"/></xsl:otherwise>
      </xsl:choose>
    </span>
    <span class="what">
      <xsl:value-of select="$rows[1]/r:cell[6]"/>
      <xsl:if test="$rows/r:cell[8] != ''"><xsl:value-of select="concat(', bounded by ', $rows[1]/r:cell[8])"/></xsl:if>
      <xsl:if test="count($rows) &gt; 1"><xsl:value-of select="concat(' (', count($rows), ' rows below)')"/></xsl:if>
    </span>
    <xsl:for-each select="$recovery[r:cell[7]/@value]">
      <xsl:sort select="r:cell[7]/@value" data-type="number" order="descending"/>
      <xsl:if test="position() = 1">
        <span class="what">
          <xsl:value-of select="concat('slowest recovery ', r:cell[7], ' s: ', r:cell[2])"/>
          <xsl:if test="r:cell[8]/@value"><xsl:value-of select="concat('; apparatus floor ', r:cell[8], ' s')"/></xsl:if>
        </span>
      </xsl:if>
    </xsl:for-each>
    <xsl:if test="$recovery/r:cell[4] = 'fail'">
      <span class="what fail"><span class="sign" aria-hidden="true">&#x2717;</span>
      <xsl:value-of select="concat('recovery failed: ', count($recovery[r:cell[4] = 'fail']))"/></span>
    </xsl:if>
  </li>
</xsl:template>

<xsl:template name="blocks">
  <xsl:apply-templates select="*[not(self::r:title)]"/>
</xsl:template>

<!-- Graphs that follow each other stand side by side where there is room. -->
<xsl:template match="r:graph">
  <xsl:if test="not(preceding-sibling::*[1][self::r:graph])">
    <div class="graphs">
      <xsl:apply-templates select="." mode="one"/>
      <xsl:apply-templates select="following-sibling::*[1][self::r:graph]" mode="chain"/>
    </div>
  </xsl:if>
</xsl:template>

<xsl:template match="r:graph" mode="chain">
  <xsl:apply-templates select="." mode="one"/>
  <xsl:apply-templates select="following-sibling::*[1][self::r:graph]" mode="chain"/>
</xsl:template>

<xsl:template match="r:graph" mode="one">
  <figure id="{@id}" data-graph="{@name}">
    <figcaption><xsl:value-of select="r:title"/></figcaption>
    <xsl:apply-templates select="svg:svg"/>
    <details class="numbers">
      <summary>Numbers of this graph</summary>
      <xsl:apply-templates select="r:table"/>
    </details>
  </figure>
</xsl:template>

<xsl:template match="svg:*">
  <xsl:element name="{local-name()}" namespace="http://www.w3.org/2000/svg">
    <xsl:copy-of select="@*"/>
    <xsl:apply-templates/>
  </xsl:element>
</xsl:template>

<xsl:template match="r:paragraph">
  <p><xsl:value-of select="."/></p>
</xsl:template>

<!-- Beside the first one, what stands above all sections is what a reader must know first. -->
<xsl:template match="r:document/r:paragraph[preceding-sibling::r:paragraph]">
  <p class="notice" role="note"><xsl:value-of select="."/></p>
</xsl:template>

<xsl:template match="r:items">
  <ul><xsl:apply-templates select="r:item"/></ul>
</xsl:template>

<xsl:template match="r:item">
  <li><xsl:value-of select="."/></li>
</xsl:template>

<!-- ===== tables ===== -->

<xsl:template match="r:table">
  <!-- One letter a column, of the first cell that has a value: c(ount), r(eal), t(ime), or a blank. -->
  <xsl:variable name="types">
    <xsl:for-each select="r:columns/r:column">
      <xsl:variable name="place" select="position()"/>
      <xsl:variable name="type" select="../../r:row/r:cell[position() = $place][@type != 'null'][1]/@type"/>
      <xsl:choose>
        <xsl:when test="$type and $type != 'text'"><xsl:value-of select="substring($type, 1, 1)"/></xsl:when>
        <xsl:otherwise><xsl:text> </xsl:text></xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:variable>
  <div class="scroll" tabindex="0" role="region" aria-labelledby="{@id}c">
    <table id="{@id}" class="{@kind}" data-table="{@kind}">
      <caption id="{@id}c"><span><xsl:value-of select="r:caption"/></span></caption>
      <thead>
        <tr>
          <xsl:apply-templates select="r:columns/r:column">
            <xsl:with-param name="types" select="string($types)"/>
          </xsl:apply-templates>
        </tr>
      </thead>
      <tbody>
        <xsl:apply-templates select="r:row">
          <xsl:with-param name="types" select="string($types)"/>
        </xsl:apply-templates>
        <xsl:if test="not(r:row)">
          <tr class="none"><td colspan="{count(r:columns/r:column)}" data-value="">None.</td></tr>
        </xsl:if>
      </tbody>
    </table>
  </div>
  <xsl:apply-templates select="r:cut"/>
</xsl:template>

<xsl:template match="r:cut">
  <p class="cut"><xsl:value-of select="."/></p>
</xsl:template>

<xsl:template match="r:column">
  <xsl:param name="types"/>
  <th scope="col">
    <xsl:if test="substring($types, position(), 1) != ' '">
      <xsl:attribute name="class">n</xsl:attribute>
    </xsl:if>
    <xsl:call-template name="breakable"><xsl:with-param name="text" select="string(.)"/></xsl:call-template>
    <xsl:if test="@unit"><xsl:text> </xsl:text><small><xsl:value-of select="concat('[', @unit, ']')"/></small></xsl:if>
  </th>
</xsl:template>

<!-- Names of variables may be broken behind an underscore. -->
<xsl:template name="breakable">
  <xsl:param name="text"/>
  <xsl:choose>
    <xsl:when test="contains($text, '_')">
      <xsl:value-of select="concat(substring-before($text, '_'), '_')"/><wbr/>
      <xsl:call-template name="breakable">
        <xsl:with-param name="text" select="substring-after($text, '_')"/>
      </xsl:call-template>
    </xsl:when>
    <xsl:otherwise><xsl:value-of select="$text"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<xsl:template match="r:row">
  <xsl:param name="types"/>
  <tr>
    <xsl:apply-templates select="r:cell">
      <xsl:with-param name="types" select="$types"/>
    </xsl:apply-templates>
  </tr>
</xsl:template>

<xsl:template match="r:cell">
  <td data-value="{@value}" class="n"><xsl:value-of select="."/></td>
</xsl:template>

<xsl:template match="r:cell[@type = 'text']">
  <td data-value="{.}"><xsl:value-of select="."/></td>
</xsl:template>

<!-- Names and the like stay on one line. -->
<xsl:template match="r:cell[@type = 'text' and string-length(.) &lt; 25]">
  <td data-value="{.}" class="k"><xsl:value-of select="."/></td>
</xsl:template>

<xsl:template match="r:cell[@type = 'text' and starts-with(., '  ')]">
  <td data-value="{.}" class="part"><xsl:value-of select="."/></td>
</xsl:template>

<xsl:template match="r:cell[@type = 'null']">
  <xsl:param name="types"/>
  <td data-value="">
    <xsl:attribute name="class">
      <xsl:text>null</xsl:text>
      <xsl:if test="substring($types, position(), 1) != ' '"> n</xsl:if>
    </xsl:attribute>
    <xsl:text>&#x2013;</xsl:text>
  </td>
</xsl:template>

<!-- Verdicts have a sign and a word, and a colour besides. -->
<xsl:template match="r:cell[@type = 'text' and (. = 'pass' or . = 'met')]">
  <td data-value="{.}" class="pass"><span class="sign" aria-hidden="true">&#x2713;</span><xsl:value-of select="."/></td>
</xsl:template>

<xsl:template match="r:cell[@type = 'text' and (. = 'fail' or . = 'not met')]">
  <td data-value="{.}" class="fail"><span class="sign" aria-hidden="true">&#x2717;</span><xsl:value-of select="."/></td>
</xsl:template>

<xsl:template match="r:cell[@type = 'text' and . = 'invalid']">
  <td data-value="{.}" class="invalid"><span class="sign" aria-hidden="true">?</span><xsl:value-of select="."/></td>
</xsl:template>

<!-- ===== style ===== -->

<!-- To add to it, replace "style" and call "built-in-style" in it. -->
<xsl:template name="style">
  <xsl:call-template name="built-in-style"/>
</xsl:template>

<xsl:template name="built-in-style">
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f5f6f8; --ink: #1b1f24; --quiet: #57606a; --line: #d3d9e0; --grid: #d3d9e0;
  --link: #0b57a4; --pass: #0b6b3a; --fail: #b42318; --invalid: #7a5200; --notice: #fff4d6; --notice-line: #b58100;
  --series-1: #0b62a8; --series-2: #b34700; --series-3: #00705a; --series-4: #8a3ea8;
  --series-5: #6b5d00; --series-6: #b0246a; --series-7: #3f5b6e; --series-8: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --raised: #1d2228; --ink: #e7eaee; --quiet: #a5aeb8; --line: #38414b; --grid: #38414b;
    --link: #7db8f5; --pass: #6fd39a; --fail: #ff9a8d; --invalid: #f0c060; --notice: #33290d; --notice-line: #d3a53a;
    --series-1: #6cb4ee; --series-2: #f5a15c; --series-3: #4fd0ae; --series-4: #d3a2ec;
    --series-5: #e3d26a; --series-6: #f593c0; --series-7: #aac3d4; --series-8: #e7eaee;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.5rem clamp(.9rem, 3vw, 2.5rem) 4rem; max-width: 82rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; }
h2 { font-size: 1.45rem; margin: 3rem 0 1rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
h4 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, li { max-width: 75ch; }
header p:not(.notice), .cut { color: var(--quiet); }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
.notice { background: var(--notice); border-left: 5px solid var(--notice-line); padding: .6rem .9rem; max-width: none; }
nav { margin: 1.5rem 0; padding: .9rem 1.1rem; background: var(--raised); border-radius: 6px; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav > ol > li { margin: .2rem 0; max-width: none; }
nav ol ol { display: flex; flex-wrap: wrap; gap: 0 1.1rem; padding-left: 1rem; font-size: .875rem; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.scroll { overflow-x: auto; max-width: 100%; margin: 1.2rem 0; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .4rem; font-weight: 600; font-size: .95rem; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(75ch, calc(100vw - 2.2rem)); }
th, td { padding: .32rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
th { vertical-align: bottom; font-weight: 600; background: var(--raised); border-bottom: 2px solid var(--line); }
th small { font-weight: 400; color: var(--quiet); white-space: nowrap; }
td { min-width: 2.5rem; max-width: 34rem; overflow-wrap: break-word; }
th.n, td.n { text-align: right; }
td.n, td.k { white-space: nowrap; }
td.null, .none td { color: var(--quiet); }
td.part { padding-left: 1.7rem; }
tbody tr:hover { background: var(--raised); }
td.pass, td.fail, td.invalid { font-weight: 600; white-space: nowrap; }
td.pass { color: var(--pass); }
td.fail { color: var(--fail); }
td.invalid { color: var(--invalid); }
.sign { display: inline-block; width: 1.2em; }
.cards { list-style: none; margin: 0 0 1.5rem; padding: 0; display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); }
.cards li { padding: .8rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; break-inside: avoid; }
.cards span { display: block; }
.cards .which { font-size: .875rem; font-weight: 600; }
.cards .figure { font-size: 1.9rem; line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; }
.cards .what { font-size: .875rem; color: var(--quiet); }
.cards .fail { color: var(--fail); font-weight: 600; }
.cards .sign { display: inline-block; }
summary { cursor: pointer; }
summary h3, summary h4 { display: inline; }
section > details { margin: 2rem 0 .75rem; }
.graphs { display: grid; gap: 1.5rem; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); margin: 1.5rem 0; }
figure { margin: 0; padding: .9rem; border: 1px solid var(--line); border-radius: 6px; min-width: 0; max-width: 46rem; }
figcaption { font-weight: 600; margin-bottom: .5rem; }
figure svg { display: block; width: 100%; height: auto; }
.numbers { margin-top: .5rem; font-size: .875rem; color: var(--quiet); }
.numbers table { color: var(--ink); }
.numbers .scroll { max-height: 22rem; overflow: auto; }
@media (max-width: 40rem) {
  body { padding-top: 1rem; }
  h1 { font-size: 1.5rem; }
  h2 { font-size: 1.25rem; margin-top: 2rem; }
  nav ol ol { display: none; }
  th, td { padding: .3rem .5rem; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --raised: #f2f3f5; --ink: #000000; --quiet: #444c56; --line: #b9c0c8; --grid: #c6ccd3; --link: #000000;
    --pass: #0b6b3a; --fail: #b42318; --invalid: #7a5200; --notice: #fff4d6; --notice-line: #b58100;
    --series-1: #0b62a8; --series-2: #b34700; --series-3: #00705a; --series-4: #8a3ea8;
    --series-5: #6b5d00; --series-6: #b0246a; --series-7: #3f5b6e; --series-8: #1b1f24;
  }
  @page { size: A4; margin: 14mm 12mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav, .skip { display: none; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; }
  .numbers { display: none; }
  .scroll, .numbers .scroll { overflow: visible; max-height: none; }
  h1 { font-size: 18pt; }
  h2 { font-size: 14pt; margin-top: 8mm; }
  h3 { font-size: 11pt; margin: 5mm 0 2mm; }
  .scroll, .graphs { margin: 3mm 0; }
  table { font-size: 7.5pt; line-height: 1.25; max-width: 100%; }
  caption { font-size: 9pt; padding-bottom: 1mm; }
  caption span { max-width: none; }
  th, td { padding: .12rem .35rem; }
  thead { display: table-header-group; }
  tr, figure, .notice { break-inside: avoid; }
  h1, h2, h3, h4, caption, summary { break-after: avoid; }
  p, li { orphans: 3; widows: 3; max-width: none; }
  .graphs { grid-template-columns: 1fr 1fr; gap: 4mm; }
  a { text-decoration: none; }
}
</xsl:template>

</xsl:stylesheet>
