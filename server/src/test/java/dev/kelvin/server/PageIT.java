// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.logging.LogType;

/** The page in a real browser, with the model that comes with the program. */
class PageIT {
    private static final String SHORT = "{\"maxTokens\": 24, \"seed\": 7}";

    /** Hot, and nothing left out: such a text hardly ends by itself. */
    private static final String LONG =
            "{\"maxTokens\": 480, \"seed\": 7, \"temperature\": 5, \"topK\": 0, \"topP\": 1, \"minP\": 0}";

    private static final String SOME_WRITTEN = "document.querySelectorAll('.running .token').length > 2";
    private static final String ANSWER =
            "[...document.querySelectorAll('.turn.model')].at(-1)" + ".querySelector(':scope > .text').textContent";
    private static final String WRITTEN =
            "!document.querySelector('.running') && document.querySelector('.bar-of-turn')";

    private static TestServer server;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        browser = Browser.start(server.server.uri().resolve("/").toString());
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
        server.close();
    }

    private static void write(String settings) {
        browser.open(settings);
        browser.click("#send");
        browser.await(WRITTEN);
    }

    /**
     * Begins a long answer and comes back while it is written; where the browser was too slow to see that, once more.
     */
    private static void begin(Runnable send) {
        for (int attempt = 0; attempt < 20; attempt++) {
            browser.open(LONG);
            send.run();
            browser.await("(" + SOME_WRITTEN + ") || (" + WRITTEN + ")");
            if (Boolean.TRUE.equals(browser.run("return " + SOME_WRITTEN))) {
                return;
            }
        }
        abort("this machine writes an answer faster than the browser looks: nothing to see while it is written");
    }

    @Test
    void anAnswerIsStreamedAndStopped() {
        begin(() -> browser.click("#send"));
        assertEquals("Stop", browser.text("#send"));
        browser.click("#send");
        browser.await(WRITTEN);
        double written = browser.number("document.querySelectorAll('.token').length");
        assertTrue(written < 480, () -> "stopped after " + written + " tokens");
        assertEquals("Continue", browser.text("#send"));
    }

    @Test
    void whatIsWrittenAnewOrEditedStandsBesideWhatWasThere() {
        write("{\"maxTokens\": 24}");
        Object first = browser.value(ANSWER);
        browser.click("[aria-label='Write it anew']");
        browser.await(WRITTEN + " && document.querySelector('[aria-label=Answers]')");
        assertNotEquals(first, browser.value(ANSWER));
        assertTrue(browser.text("[aria-label=Answers]").contains("2/2"));
        browser.click("[aria-label=Answers] [aria-label='Version before']");
        assertEquals(first, browser.value(ANSWER));

        browser.click("[aria-label='Edit the words before it']");
        browser.press(Keys.chord(Keys.CONTROL, "a"), "The little fox", Keys.ENTER);
        browser.await(WRITTEN + " && document.querySelector('[aria-label=\"Your words\"].versions')");
        assertEquals("The little fox", browser.text(".turn.user .text"));
        browser.click("[aria-label='Your words'].versions [aria-label='Version before']");
        assertEquals("Once upon a time, there was a", browser.text(".turn.user .text"));
    }

    @Test
    void aStoryGoesOn() {
        write(SHORT);
        String first = (String) browser.value(ANSWER);
        browser.click("#send");
        browser.await(WRITTEN + " && " + ANSWER + ".length > " + first.length());
        assertTrue(((String) browser.value(ANSWER)).startsWith(first));
    }

    @Test
    void theSameTokenHasTheSameRestAndAnotherHasAnother() {
        write(SHORT);
        Object whole = browser.value(ANSWER);
        browser.run("document.querySelectorAll('.token')[5].click()");
        browser.await(
                "document.querySelector('.bar.picked input:checked') && !document.querySelector('.body.waiting')");
        browser.click("#laboratory .primary");
        browser.await(WRITTEN + " && document.querySelector('[aria-label=Answers]')");
        assertEquals(whole, browser.run("return " + ANSWER + ".slice(0, arguments[0])", ((String) whole).length()));

        browser.run("document.querySelectorAll('.token')[5].click()");
        browser.await("document.querySelector('.bar.picked') && !document.querySelector('.body.waiting')");
        browser.run("document.querySelector('label.bar:not(.picked) input').click()");
        browser.click("#laboratory .primary");
        browser.await(WRITTEN + " && document.querySelector('[aria-label=Answers]').textContent.includes('3/3')");
        assertEquals(1, browser.number("document.querySelectorAll('.token.chosen').length"));
        assertNotEquals(whole, browser.run("return " + ANSWER + ".slice(0, arguments[0])", ((String) whole).length()));
        assertEquals(
                browser.value("args[0]", "5"), browser.value("document.querySelector('.token.chosen').dataset.piece"));
    }

    @Test
    void conversationsSurviveAReload() {
        write(SHORT);
        Object answer = browser.value(ANSWER);
        browser.run("document.querySelectorAll('.token')[3].click()");
        browser.run("document.querySelector('[value=dark]').click()");
        browser.click("#begin");
        browser.reload();
        browser.await("document.querySelector('.turn.model')");
        assertEquals(answer, browser.value(ANSWER));
        assertEquals("dark", browser.value("document.documentElement.dataset.theme"));
        browser.click("#conversations .remove");
        assertEquals(0, browser.number("document.querySelectorAll('#conversations li').length"));
        browser.click("#toast button");
        assertEquals(answer, browser.value(ANSWER));
        browser.click("#conversations .remove");
        browser.reload();
        assertEquals(0, browser.number("document.querySelectorAll('#conversations li').length"));
    }

    @Test
    void nothingLeavesTheOriginAndThePolicyIsKept() {
        browser.log(LogType.PERFORMANCE);
        browser.log(LogType.BROWSER);
        write(SHORT);
        browser.run("document.querySelectorAll('.token')[2].click()");
        browser.await("!document.querySelector('.body.waiting')");
        String origin = server.server.uri().resolve("/").toString();
        List<String> requests = browser.log(LogType.PERFORMANCE).stream()
                .filter(message -> message.contains("\"Network.requestWillBeSent\""))
                .toList();
        assertTrue(requests.size() > 18, () -> "requests seen: " + requests.size());
        for (String request : requests) {
            String url = request.replaceFirst("(?s).*?\"request\":\\{.*?\"url\":\"([^\"]*)\".*", "$1");
            assertTrue(url.startsWith(origin) || url.startsWith("data:"), url);
        }
        assertEquals(List.of(), browser.log(LogType.BROWSER));
        assertEquals(
                true,
                browser.value("(() => { const e = document.createElement('p'); e.setAttribute('style', 'color: red');"
                        + "document.body.append(e); const kept = getComputedStyle(e).color !== 'rgb(255, 0, 0)';"
                        + "e.remove(); return kept; })()"));
    }

    @Test
    void hostileTextIsShownAsText() throws Exception {
        String hostile = "<img src=x onerror=\"window.broken=1\"><script>window.broken=1</script> שלום עולם "
                + "👩‍👩‍👧‍👦 " + "w".repeat(400) + " \u202eright";
        String answer = "(path, body) => { const json = (value) => new Response(JSON.stringify(value));"
                + "if (path === 'kelvin/model') return json({name: '<b>model</b>', chats: true});"
                + "if (path === 'kelvin/next') return json({ids: [1], candidates: [], logits: [1, 2]});"
                + "const data = [{content: body.messages.at(-1).content}, {reasoning_content: '<i>thought</i>'}]"
                + ".map((delta, id) => 'data: ' + JSON.stringify({choices: [{delta, kelvin: {tokens: [{id, logprob: -3}]}}]}));"
                + "return new Response([...data, 'data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}',"
                + "'data: [DONE]', ''].join('\\n\\n')); }";
        browser.screen(390, 844, "light");
        try (AutoCloseable _ = browser.openWith(answer)) {
            browser.run(
                    "const t = document.querySelector('#text'); t.value = arguments[0];"
                            + "t.dispatchEvent(new Event('input')); document.querySelector('#composer').requestSubmit()",
                    hostile);
            browser.await(WRITTEN);
            assertEquals(hostile, browser.value(ANSWER));
            assertEquals(hostile, browser.text(".turn.user .text"));
            assertEquals("<i>thought</i>", browser.text(".thinking .text"));
            assertEquals("<b>model</b>", browser.text("#model"));
            assertEquals(
                    0, browser.number("document.querySelectorAll('main img, main script, main i, main b').length"));
            assertEquals(null, browser.value("window.broken ?? null"));
            assertEquals(
                    List.of(Map.of("role", "user", "content", hostile)),
                    browser.value("sent.find((call) => call.path === 'v1/chat/completions').body.messages"));
            fits("hostile text");
        } finally {
            browser.screen(1280, 800, "light");
        }
    }

    @Test
    void everythingFitsOnEveryScreen() throws IOException {
        try {
            for (int width : new int[] {390, 800, 1280}) {
                browser.screen(width, width == 390 ? 844 : 800, "light");
                browser.open(SHORT);
                browser.await("document.querySelectorAll('.bar').length > 5");
                fits(width + " first");
                browser.click("#send");
                browser.await(WRITTEN);
                browser.run("document.querySelectorAll('.token')[4].click()");
                browser.await("document.querySelector('.bar.picked') && !document.querySelector('.body.waiting')");
                for (String scheme : List.of("light", "dark")) {
                    browser.screen(width, width == 390 ? 844 : 800, scheme);
                    fits(width + " " + scheme);
                    readable(width + " " + scheme);
                    browser.picture("page-" + width + "-" + scheme);
                }
                browser.click("#look");
                fits(width + " without the laboratory");
            }
        } finally {
            browser.screen(1280, 800, "light");
        }
    }

    /** No part lies on another or outside of the screen, nothing scrolls sideways. */
    private static void fits(String where) {
        Object wrong = browser.value("(() => { const wrong = [];"
                + "for (const e of document.querySelectorAll('body, main, #thread, #laboratory, #bar, #composer, .bar, .row'))"
                + "  if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) wrong.push('wide: ' + e.id + e.className);"
                + "const parts = [...document.querySelectorAll('#bar, #thread, #laboratory, #composer')]"
                + "  .map((e) => [e.id, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && r.height > 0);"
                + "for (const [id, r] of parts) {"
                + "  if (r.left < -1 || r.right > innerWidth + 1 || r.top < -1 || r.bottom > innerHeight + 1) wrong.push('outside: ' + id);"
                + "  for (const [other, o] of parts) if (id < other && r.left < o.right - 1 && o.left < r.right - 1"
                + "    && r.top < o.bottom - 1 && o.top < r.bottom - 1) wrong.push(id + ' on ' + other); }"
                + "const buttons = [...document.querySelectorAll('#bar button, #composer button, #text, #laboratory header button')]"
                + "  .filter((e) => e.checkVisibility());"
                + "for (const e of buttons) { const r = e.getBoundingClientRect();"
                + "  const hit = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);"
                + "  if (!e.contains(hit)) wrong.push('covered: ' + e.id + e.ariaLabel);"
                + "  if (r.width < 24 || r.height < 24) wrong.push('small: ' + e.id + e.ariaLabel); }"
                + "return wrong; })()");
        assertEquals(List.of(), wrong, where);
    }

    /** Words stand out from what is behind them by 4.5 : 1, as WCAG 2 asks. */
    private static void readable(String where) {
        Object wrong = browser.value("(() => { const canvas = document.createElement('canvas').getContext('2d');"
                + "const paint = (colours) => { canvas.clearRect(0, 0, 1, 1);"
                + "  for (const c of colours) { canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); }"
                + "  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255)"
                + "    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); };"
                + "const light = (c) => 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];"
                + "const wrong = [];"
                + "for (const e of document.querySelectorAll('.token > span, .text, .facts, .limit, .name, .share, td, th, h1, h2, #model,"
                + " .legend, button:not(:disabled) > span, .choice span, .figures span, .subject span')) {"
                + "  if (!e.textContent.trim() || !e.checkVisibility() || e.closest('.unseen')) continue;"
                + "  const behind = []; for (let p = e; p; p = p.parentElement) behind.unshift(getComputedStyle(p).backgroundColor);"
                + "  const a = light(paint(behind)), b = light(paint([...behind, getComputedStyle(e).color]));"
                + "  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);"
                + "  if (contrast < 4.5) wrong.push(e.textContent + ' ' + e.className + ' in ' + e.parentElement.className + ': ' + contrast.toFixed(2)); }"
                + "return wrong; })()");
        assertEquals(List.of(), wrong, where);
    }

    @Test
    void theKeyboardReachesEverything() {
        browser.open(SHORT);
        browser.run("document.querySelector('#text').focus()");
        browser.press(Keys.ENTER);
        browser.await(WRITTEN);
        browser.run("document.querySelector('#title').tabIndex = -1; document.querySelector('#title').focus()");
        browser.tabTo("[aria-label='Look into this answer']");
        browser.press(Keys.ENTER);
        browser.await("document.activeElement.id === 'temperature' && !document.querySelector('.body.waiting')");
        assertEquals("0", browser.value("document.querySelector('.token.selected').dataset.piece"));
        browser.press(Keys.END);
        assertEquals("∞", browser.text(".temperature"));
        browser.press(Keys.HOME);
        assertEquals("0", browser.text(".temperature"));
        browser.press(Keys.ARROW_RIGHT);
        assertEquals("0.001", browser.text(".temperature"));
        browser.tabTo("[name=token]");
        browser.press(Keys.ARROW_DOWN);
        browser.tabTo("#laboratory .primary");
        browser.press(Keys.ENTER);
        browser.await(WRITTEN + " && document.querySelector('[aria-label=Answers]')");

        begin(() -> {
            browser.run("document.querySelector('#text').focus()");
            browser.press(Keys.ENTER);
        });
        browser.press(Keys.ESCAPE);
        browser.await(WRITTEN);
    }

    @Test
    void aScreenReaderIsToldNamesAndIsNotFlooded() {
        browser.open(SHORT);
        browser.run(
                "window.told = []; new MutationObserver(() => told.push(document.querySelector('#status').textContent))"
                        + ".observe(document.querySelector('#status'), {childList: true})");
        browser.click("#send");
        browser.await(WRITTEN + " && told.length > 1");
        Object told = browser.value("told");
        assertEquals(2, ((List<?>) told).size(), () -> "told: " + told);
        assertEquals(0, browser.number("document.querySelectorAll('#thread[aria-live], #thread [aria-live]').length"));
        int named = 0;
        for (Object each : browser.accessibility()) {
            Map<?, ?> node = (Map<?, ?>) each;
            Object role = node.get("role") instanceof Map<?, ?> value ? value.get("value") : null;
            if (List.of("button", "slider", "textbox", "radio", "article", "navigation", "region")
                            .contains(role)
                    && !Boolean.TRUE.equals(node.get("ignored"))) {
                String name = String.valueOf(((Map<?, ?>) node.get("name")).get("value"));
                assertFalse(name.isBlank(), () -> role + " without a name: " + node);
                named++;
            }
        }
        int count = named;
        assertTrue(count > 20, () -> "named: " + count);
    }
}
