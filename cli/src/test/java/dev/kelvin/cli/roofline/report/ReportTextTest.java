// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** What a report looks like as text: page, Markdown and drawing. */
class ReportTextTest {
    private final Report report = CannedReport.report(1);

    private static Document parse(String xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void thePageAsksForNothingAndHasNoScript() {
        String page = HtmlReport.write(report, Optional.of(CannedReport.report(2)));
        assertTrue(page.contains("default-src 'none'"), page);
        // The name of the language of drawings is no address that is visited.
        String others = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assertFalse(others.contains("http:") || others.contains("https:") || others.contains("url("), others);
        assertFalse(page.contains("<script") || page.contains("@import"), page);
        assertFalse(page.contains("<Processor>"), "text of the machine is text");
        assertTrue(page.contains("Imaginary &lt;Processor&gt; 9000 &amp; Co."), page);
    }

    @Test
    void theDrawingIsXmlWithAPointForEachKernel() throws Exception {
        Document drawing = parse(SvgReport.write(report));
        assertEquals("svg", drawing.getDocumentElement().getTagName());
        // Six products and six operations on rows on one thread; each stands in the legend again.
        assertEquals(2 * 12, drawing.getElementsByTagName("circle").getLength());
        String text = drawing.getDocumentElement().getTextContent();
        for (String expected :
                List.of("memory read: 25.0 GB/s", "L1 read: 200 GB/s", "f32 multiply-add 256 bits: 100")) {
            assertTrue(text.contains(expected), expected + " in " + text);
        }
    }

    @Test
    void everyKernelHasItsPartOfTheCeilingThatBindsIt() {
        Table gemm = new ReportTables(report).kernels().getFirst();
        int percent = gemm.header().indexOf("of ceiling");
        int binds = gemm.header().indexOf("which binds");
        int lead = gemm.header().indexOf("Kelvin ×");
        int note = gemm.header().indexOf("note");
        List<String> square = gemm.rows().stream()
                .filter(row -> row.contains("512 512 512") && row.contains("gemm"))
                .findFirst()
                .orElseThrow();
        assertEquals("86%", square.get(percent)); // the median JVM has 86 of 100 GFLOP/s
        assertEquals("f32 peak", square.get(binds));
        List<String> neighbour = gemm.rows().stream()
                .filter(row -> row.contains("gemm by Neighbour"))
                .findFirst()
                .orElseThrow();
        assertEquals("4.30", neighbour.get(lead));
        assertEquals("1", neighbour.get(note));
        assertEquals(List.of("slow at this shape (an issue of theirs)"), gemm.footnotes());
    }

    @Test
    void aSweepIsReadAgainstTheReportsOwnOptions() {
        Table sweep = new ReportTables(report).sweep().orElseThrow();
        assertEquals("0.35", sweep.rows().getFirst().get(4)); // 30.5 of 86 GFLOP/s
        assertEquals(
                "this processor's vectors are narrower", sweep.rows().getLast().getLast());
        Report without = new Report(
                report.run(), report.environment(), report.noise(), report.ceilings(), report.results(), List.of());
        assertTrue(new ReportTables(without).sweep().isEmpty());
    }

    @Test
    void twoReportsStandSideBySide() {
        Comparison comparison = new Comparison(CannedReport.report(1.2), report);
        assertEquals(report.results().size(), comparison.differences().size());
        assertTrue(comparison.differences().stream()
                .filter(difference -> difference.after().subject().isKelvin())
                .allMatch(difference -> difference.verdict() == Difference.Verdict.FASTER));
        String text = MarkdownReport.write(report, Optional.of(CannedReport.report(1.2)));
        assertTrue(text.contains("| gemm | 8 2048 5632 | F32 | 1 |"), text);
        assertTrue(text.contains("| 1.20 | faster |"), text);
        Comparison same = new Comparison(CannedReport.report(1.01), report);
        assertTrue(same.differences().stream().allMatch(difference -> difference.verdict() == Difference.Verdict.SAME));
    }

    @Test
    void markdownHasATableAQuestion() {
        String text = MarkdownReport.write(report, Optional.empty());
        assertTrue(text.startsWith("# Roofline of Imaginary &lt;Processor> 9000 & Co.\n"), text);
        for (String line : text.lines().toList()) {
            assertTrue(line.startsWith("|") || line.startsWith("#") || line.length() <= 104, line);
        }
        long questions = text.lines().filter(line -> line.startsWith("## ")).count();
        long rules = text.lines().filter(line -> line.startsWith("|--")).count();
        assertEquals(questions, rules);
        assertTrue(questions >= 8, text);
    }

    @Test
    void labelsCoverNeitherEachOtherNorWhatWasTaken() {
        Labels labels = new Labels(new Labels.Box(0, 0, 300, 300));
        labels.take(new Labels.Box(140, 140, 20, 20));
        List<Labels.Box> boxes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            boxes.add(labels.near(150, 150, 17, 13, 120).orElseThrow());
        }
        for (Labels.Box box : boxes) {
            assertEquals(1, boxes.stream().filter(box::meets).count(), "itself");
            assertFalse(box.meets(new Labels.Box(140, 140, 20, 20)));
        }
        assertTrue(
                new Labels(new Labels.Box(0, 0, 10, 10)).near(5, 5, 20, 20, 50).isEmpty());
    }

    @Test
    void numbersHaveThreeDigits() {
        assertEquals(
                "0.12 1.23 12.3 123 1234 ",
                String.join(
                        " ",
                        Figures.number(0.1234),
                        Figures.number(1.234),
                        Figures.number(12.34),
                        Figures.number(123.4),
                        Figures.number(1234.4),
                        Figures.number(Double.NaN)));
        assertEquals("999 ns", Figures.time(999));
        assertEquals("1.00 µs", Figures.time(999.9));
        assertEquals("2.50 ms", Figures.time(2.5e6));
        assertEquals("3.00 s", Figures.time(3e9));
        assertEquals("59 s", Figures.duration(59.4));
        assertEquals("1 min 0 s", Figures.duration(59.5));
        assertEquals("5 min 31 s", Figures.duration(331));
        assertEquals("32 KiB", Figures.size(32 << 10));
        assertEquals("1.50 GiB", Figures.size(3L << 29));
    }
}
