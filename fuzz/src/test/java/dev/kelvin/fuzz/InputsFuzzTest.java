// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * What comes from strangers, one target a kind. Each is read and used, and ends well or in the exception that its
 * reader promises; anything else is a finding. Without {@code JAZZER_FUZZ} the committed inputs are run, those that
 * once were findings among them; {@code ./dev fuzz TARGET} looks for more.
 */
class InputsFuzzTest {
    @TempDir
    static Path folder;

    private static Targets targets;

    @BeforeAll
    static void begin() {
        targets = new Targets(folder);
    }

    @FuzzTest
    void gguf(byte[] data) throws IOException {
        targets.gguf(data);
    }

    @FuzzTest
    void hub(byte[] data) throws IOException {
        targets.hub(data);
    }

    @FuzzTest
    void llama2c(byte[] data) throws IOException {
        targets.llama2c(data);
    }

    @FuzzTest
    void tokenizerJson(byte[] data) {
        targets.tokenizerJson(data);
    }

    @FuzzTest
    void template(byte[] data) {
        targets.template(data);
    }

    @FuzzTest
    void gbnf(byte[] data) {
        targets.gbnf(data);
    }

    @FuzzTest
    void jsonSchema(byte[] data) {
        targets.jsonSchema(data);
    }

    @FuzzTest
    void http(byte[] data) throws Exception {
        targets.http(data);
    }

    /** Its sum is right, so that what lies behind it is found. */
    @FuzzTest
    void checkpoint(byte[] data) throws Exception {
        targets.checkpoint(RestoredFiles.withSum(data, true));
    }

    /** Its sum is right, likewise. */
    @FuzzTest
    void cachedPrefixes(byte[] data) throws Exception {
        targets.cachedPrefixes(RestoredFiles.withSum(data, false));
    }
}
