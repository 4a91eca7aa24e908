// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class ServeCommandTest {
    @Test
    void sizesHaveUnits() {
        Arguments.Bytes bytes = new Arguments.Bytes();
        assertEquals(1, bytes.convert("1"));
        assertEquals(800L << 20, bytes.convert("800M"));
        assertEquals(2L << 30, bytes.convert(" 2gib "));
        assertEquals(3L << 10, bytes.convert("3KB"));
        assertEquals(1L << 40, bytes.convert("1T"));
        assertEquals(Long.MAX_VALUE, bytes.convert("999999999999999T"));
        for (String wrong : List.of("", "0", "-1", "M", "1.5G", "1X", "9999999999999999")) {
            assertThrows(TypeConversionException.class, () -> bytes.convert(wrong), wrong);
        }
    }

    @Test
    void whatCannotBeIsRefusedByTheOption() {
        String large = Outcome.of("serve", "--kv-memory", "100000G").refusal();
        assertTrue(large.contains("--kv-memory") && large.contains("heap"), large);
        String none = Outcome.of("serve", "--kv-memory", "0").refusal();
        assertTrue(none.contains("--kv-memory") && none.contains("no size of memory"), none);
        String small = Outcome.of("serve", "--port", "0", "--kv-memory", "1").failure();
        assertTrue(small.contains("--kv-memory") && small.contains("no room"), small);
        String many = Outcome.of("serve", "--port", "0", "--kv-memory", "600K", "--parallel", "4")
                .failure();
        assertTrue(many.contains("--parallel 4 answers") && many.contains("--kv-memory"), many);
        String draft =
                Outcome.of("serve", "--port", "0", "--draft", "none.gguf").failure();
        assertTrue(draft.contains("none.gguf"), draft);
        String beyond = Outcome.of("serve", "--host", "0.0.0.0").refusal();
        assertTrue(beyond.contains("--api-key"), beyond);
    }

    /** It was served "at port -1", and never ended. */
    @Test
    void aPortThatIsTakenIsTold() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertEquals(
                    "kelvin: port " + port
                            + " of 127.0.0.1 cannot be had: Address already in use (--port chooses another)",
                    Outcome.of("serve", "--port", port).failure());
        }
    }
}
