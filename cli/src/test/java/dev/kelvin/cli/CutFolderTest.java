// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each file of a folder of the hub, cut at every byte: refused with the folder's name, never taken for a shorter one.
 */
class CutFolderTest {
    @TempDir
    Path folder;

    private Path hub;

    @BeforeEach
    void write() throws IOException {
        hub = TinyHub.writeInParts(folder.resolve("hub"), 8, 12);
    }

    /** Reads all that there is: metadata, tensors, tokenizer. */
    private int vocabulary() throws IOException {
        try (OpenModel open = OpenModel.of(ModelFiles.open(hub), Compute.serial(), LoadOptions.QUIET)) {
            assertEquals(open.vocabSize(), open.nextLogits(new int[] {0}).length);
            return open.tokenizer().vocabSize();
        }
    }

    @Test
    void theWholeFolderIsSound() throws IOException {
        assertEquals(5, vocabulary());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config.json",
                "tokenizer.json",
                "model.safetensors.index.json",
                "model-1-of-2.safetensors",
                "model-2-of-2.safetensors"
            })
    void isRefusedAtEveryByte(String name) throws IOException {
        Path file = hub.resolve(name);
        byte[] whole = Files.readAllBytes(file);
        assertTrue(whole.length > 200, name);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            ModelFormatException refusal = assertThrows(
                    ModelFormatException.class, this::vocabulary, name + " cut to " + length + " bytes was taken");
            String message = refusal.getMessage();
            assertTrue(message.startsWith(hub.toString()) && message.lines().count() == 1, message);
        }
    }
}
