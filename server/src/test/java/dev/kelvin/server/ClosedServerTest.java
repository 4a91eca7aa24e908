// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server takes, its end gives back: a program may start and close many. */
class ClosedServerTest {
    private static final int LOOKS = 200;
    private static final long LOOK_MILLIS = 25;

    /** What Helidon starts once a JVM is there before. */
    @BeforeAll
    static void serveOnce() throws IOException {
        serve(1);
    }

    /** Threads that belong to servers, by their names. */
    private static Set<String> threads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().matches("(kelvin-|helidon-|idle-timeout-|server-).*")) {
                names.add(thread.getName() + " " + thread.threadId());
            }
        }
        return names;
    }

    /** Starts and closes a server; asks it for so much in between. */
    private static WeakReference<OpenModel> serve(int requests) throws IOException {
        OpenModel open = OpenModel.of(GgufFile.open(TestServer.STORIES), Compute.startPlain(2), LoadOptions.QUIET);
        try (TestServer server =
                TestServer.of(open, EngineLimits.STANDARD, ServerOptions.loopback("stories", 0), HttpLimits.STANDARD)) {
            for (int request = 0; request < requests; request++) {
                assertEquals(200, server.get("/health").status());
            }
        }
        return new WeakReference<>(open);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20})
    void noThreadAndNoModelIsLeft(int requests) throws Exception {
        Set<String> before = threads();
        WeakReference<OpenModel> model = serve(requests);
        Set<String> left = Set.of();
        for (int look = 0; look < LOOKS; look++) {
            System.gc();
            left = threads();
            left.removeAll(before);
            if (left.isEmpty() && model.refersTo(null)) {
                return;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        assertEquals(Set.of(), left, "threads");
        assertTrue(model.refersTo(null), "the model is held");
    }

    /** Helidon would not stop, and the model would stay open. */
    @Test
    void anInterruptedThreadClosesItAllTheSame() throws Exception {
        Set<String> before = threads();
        TestServer server = TestServer.start();
        Thread.currentThread().interrupt();
        try {
            server.server.close();
        } finally {
            assertTrue(Thread.interrupted(), "the interrupt is lost");
        }
        server.close();
        Set<String> left = threads();
        for (int look = 0; look < LOOKS && !before.containsAll(left); look++) {
            Thread.sleep(LOOK_MILLIS);
            left = threads();
        }
        left.removeAll(before);
        assertEquals(Set.of(), left);
    }
}
