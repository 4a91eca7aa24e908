// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a screen, as Debian's packages chromium and chromium-driver bring it. */
final class Browser implements AutoCloseable {
    private static final File PROGRAM = new File("/usr/bin/chromium");
    private static final File DRIVER = new File("/usr/bin/chromedriver");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ChromeDriver driver;
    private final String origin;

    private Browser(ChromeDriver driver, String origin) {
        this.driver = driver;
        this.origin = origin;
    }

    /** Starts it, or skips the test where there is none. */
    static Browser start(String origin) {
        assumeTrue(
                PROGRAM.canExecute() && DRIVER.canExecute(),
                "the page was not tested: install Debian's packages chromium and chromium-driver");
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
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER)
                .usingAnyFreePort()
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(PATIENCE);
        return new Browser(driver, origin);
    }

    /** Opens the page as somebody who was never here; settings are JSON. */
    void open(String settings) {
        driver.get(origin + "page/icon.svg");
        driver.executeCdpCommand(
                "Storage.clearDataForOrigin",
                Map.of("origin", origin.substring(0, origin.length() - 1), "storageTypes", "all"));
        if (settings != null) {
            run("localStorage.setItem('settings', arguments[0])", settings);
        }
        driver.get(origin);
        await("document.querySelector('#send').textContent !== ''");
    }

    /** Opens the page with a function in place of the server's: {@code answer(path, body)} gives what fetch would. */
    AutoCloseable openWith(String answer) {
        Map<String, Object> added = driver.executeCdpCommand(
                "Page.addScriptToEvaluateOnNewDocument",
                Map.of(
                        "source",
                        "window.sent = []; const answer = " + answer + "; window.fetch = async (path, options) => {"
                                + "const body = options.body && JSON.parse(options.body); sent.push({path, body});"
                                + "return answer(path, body); };"));
        open(null);
        return () -> driver.executeCdpCommand(
                "Page.removeScriptToEvaluateOnNewDocument", Map.of("identifier", added.get("identifier")));
    }

    void reload() {
        driver.navigate().refresh();
        await("document.querySelector('#send').textContent !== ''");
    }

    /** Runs a function's body. */
    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** The value of an expression, awaited; {@code args} are the arguments. */
    Object value(String expression, Object... arguments) {
        Object value = driver.executeAsyncScript(
                "const args = [...arguments]; const done = args.pop();" + "(async () => (" + expression
                        + "))().then(done, (e) => done('failed: ' + e.stack));",
                arguments);
        assertTrue(!(value instanceof String text) || !text.startsWith("failed: "), () -> (String) value);
        return value;
    }

    double number(String expression, Object... arguments) {
        return ((Number) value(expression, arguments)).doubleValue();
    }

    String text(String selector) {
        return (String) value("document.querySelector(args[0]).textContent", selector);
    }

    /** Waits until an expression holds. */
    void await(String expression) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Boolean.TRUE.equals(run("return Boolean(" + expression + ")"))) {
            assertTrue(System.nanoTime() < end, "this did not come true: " + expression);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    void click(String selector) {
        find(selector).click();
    }

    /** Presses keys where the focus is. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** Presses the tabulator until an element has the focus. */
    void tabTo(String selector) {
        for (int i = 0; i < 60; i++) {
            press(Keys.TAB);
            if (Boolean.TRUE.equals(run("return document.activeElement.matches(arguments[0])", selector))) {
                return;
            }
        }
        throw new AssertionError("the tabulator does not reach " + selector);
    }

    void screen(int width, int height, String scheme) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 500));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Keeps a picture beside the results of the build. */
    void picture(String name) throws IOException {
        Path folder = Files.createDirectories(Path.of("target/page"));
        Files.write(folder.resolve(name + ".png"), driver.getScreenshotAs(OutputType.BYTES));
    }

    List<String> log(String type) {
        return driver.manage().logs().get(type).getAll().stream()
                .map(entry -> entry.getMessage())
                .toList();
    }

    /** What a screen reader is told of: roles, names and properties. */
    List<?> accessibility() {
        driver.executeCdpCommand("Accessibility.enable", Map.of());
        return (List<?>) driver.executeCdpCommand("Accessibility.getFullAXTree", Map.of())
                .get("nodes");
    }

    @Override
    public void close() {
        driver.quit();
    }
}
