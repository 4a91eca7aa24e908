// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.cli.roofline.report.CannedReport;
import dev.kelvin.cli.roofline.report.HtmlReport;
import dev.kelvin.cli.roofline.report.SvgReport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page of a report in a real browser: nothing overlaps, all can be read, nothing is asked for. */
class ReportPageIT {
    private static final File PROGRAM = new File("/usr/bin/chromium");
    private static final File DRIVER = new File("/usr/bin/chromedriver");

    /** Pairs of texts that are seen and lie over each other by more than the rounding of a pixel. */
    private static final String OVERLAPS = """
            const texts = [...document.querySelectorAll('h1, h2, p, li, th, td, text')]
                .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 0 && r.height > 0);
            const found = [];
            for (let i = 0; i < texts.length; i++) for (let j = 0; j < i; j++) {
              const [a, p] = texts[i], [b, q] = texts[j];
              if (a.contains(b) || b.contains(a)) continue;
              const drawn = a.closest('svg') || b.closest('svg');
              const slack = drawn ? 2.5 : 0.6; // a font's box is higher than its letters
              if (p.left < q.right - slack && q.left < p.right - slack && p.top < q.bottom - slack && q.top < p.bottom - slack)
                found.push(a.textContent + ' / ' + b.textContent);
            }
            return found;""";

    /** Texts smaller than can be read, or of less contrast than WCAG 2 asks for (4.5). */
    private static final String UNREADABLE = """
            const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const ground = light(getComputedStyle(document.body).backgroundColor);
            const found = [];
            for (const e of document.querySelectorAll('h1, h2, p, li, th, td, b, span, text')) {
              const r = e.getBoundingClientRect();
              if (r.width === 0 || e.textContent === '') continue;
              const style = getComputedStyle(e), drawing = e.closest('svg');
              const scale = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1;
              const size = parseFloat(style.fontSize) * scale;
              const ink = light(drawing ? style.fill : style.color);
              const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
              if (size < 10 || contrast < 4.5) found.push(size + ' px, ' + contrast + ': ' + e.textContent);
            }
            return found;""";

    @TempDir
    static Path folder;

    private static ChromeDriver driver;
    private static String page;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(
                PROGRAM.canExecute() && DRIVER.canExecute(),
                "the page was not tested: install Debian's packages chromium and chromium-driver");
        Path file = Files.writeString(
                folder.resolve("report.html"),
                HtmlReport.write(CannedReport.report(1), Optional.of(CannedReport.report(1.2))));
        page = file.toUri().toString();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(PROGRAM);
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-dev-shm-usage");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(DRIVER)
                        .usingAnyFreePort()
                        .build(),
                options);
    }

    @AfterAll
    static void end() {
        if (driver != null) {
            driver.quit();
        }
    }

    private static void open(String address, int width, int height, String scheme) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        driver.get(address);
    }

    private static void picture(String name) throws IOException {
        Path pictures = Files.createDirectories(Path.of("target/page"));
        Files.write(pictures.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    private static List<String> log(String type) {
        return driver.manage().logs().get(type).getAll().stream()
                .map(entry -> entry.getMessage())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"390, 844, light", "390, 844, dark", "1280, 800, light", "1280, 800, dark"})
    void everythingCanBeReadAndNothingOverlaps(int width, int height, String scheme) throws IOException {
        open(page, width, height, scheme);
        picture("report-" + width + "-" + scheme);
        assertEquals(List.of(), driver.executeScript(OVERLAPS));
        assertEquals(List.of(), driver.executeScript(UNREADABLE));
        assertEquals(
                driver.executeScript("return document.documentElement.clientWidth"),
                driver.executeScript("return document.documentElement.scrollWidth"),
                "no sideways scroll");
        assertEquals(
                scheme.equals("dark") ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)",
                driver.executeScript("return getComputedStyle(document.body).backgroundColor"));
        long drawings = (Long) driver.executeScript(
                "return [...document.querySelectorAll('svg')].filter(e => e.getBoundingClientRect().width > 0).length");
        assertEquals(2, drawings, "one for each number of threads, at this width");
        // Every point has its number beside it.
        assertEquals(
                driver.executeScript("return document.querySelectorAll('svg.wide .point').length"),
                driver.executeScript("return document.querySelectorAll('svg.wide .number').length"));
    }

    @Test
    void noRequestLeaves() {
        log(LogType.PERFORMANCE);
        log(LogType.BROWSER);
        open(page, 1280, 800, "light");
        List<String> requests = log(LogType.PERFORMANCE).stream()
                .filter(message -> message.contains("\"Network.requestWillBeSent\""))
                .toList();
        assertTrue(!requests.isEmpty(), "the page itself is seen");
        for (String request : requests) {
            String url = request.replaceFirst("(?s).*?\"request\":\\{.*?\"url\":\"([^\"]*)\".*", "$1");
            assertTrue(url.equals(page) || url.startsWith("data:"), url);
        }
        assertEquals(List.of(), log(LogType.BROWSER));
    }

    @ParameterizedTest
    @CsvSource({"light", "dark"})
    void theDrawingStandsAlone(String scheme) throws IOException {
        Path file = Files.writeString(folder.resolve("report.svg"), SvgReport.write(CannedReport.report(1)));
        open(file.toUri().toString(), 900, 800, scheme);
        picture("drawing-" + scheme);
        assertEquals(List.of(), driver.executeScript(OVERLAPS));
        assertEquals(
                scheme.equals("dark") ? "rgb(20, 23, 26)" : "rgb(255, 255, 255)",
                driver.executeScript("return getComputedStyle(document.querySelector('.ground')).fill"));
    }
}
