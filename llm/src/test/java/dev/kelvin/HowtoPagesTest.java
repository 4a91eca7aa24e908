// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kelvin.PageSnippets.Snippet;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java of README and of the howtos about this module compiles. */
class HowtoPagesTest {
    private static final List<String> IMPORTS = List.of(
            "dev.kelvin.chat.*",
            "dev.kelvin.constraint.*",
            "dev.kelvin.converse.*",
            "dev.kelvin.format.hub.ModelFiles",
            "dev.kelvin.format.json.*",
            "dev.kelvin.generate.*",
            "dev.kelvin.head.*",
            "dev.kelvin.model.*",
            "dev.kelvin.ops.*",
            "dev.kelvin.tensor.*",
            "dev.kelvin.train.*",
            "java.nio.file.*",
            "java.util.*",
            "java.util.concurrent.Flow",
            "java.util.stream.*");

    /** What a reader has besides: an open model, a request and who hears its answer, tensors. */
    private static final String READER = """
            static Kelvin kelvin;
            static Path large, small;
            static Conversation talk;
            static GenerateOptions options;
            static GenerationListener listener;
            static Flow.Subscriber<TextPiece> subscriber;
            static Object schema;
            static int[] ids, labels;
            static BitSet digits;
            static HeapTensor hidden, weight, dHidden, dWeight, logits, probs;
            void show(String text) {}
            """;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/howto/chat.md",
                "docs/howto/constrained-output.md",
                "docs/howto/speculation.md",
                "docs/howto/train-a-model.md",
                "docs/howto/use-in-your-program.md"
            })
    void everyBlockCompiles(String page) throws IOException {
        List<Snippet> blocks = PageSnippets.blocks(page);
        assertFalse(blocks.isEmpty());
        String classPath = PageSnippets.classPath(Kelvin.class, Compute.class);
        assertEquals(List.of(), PageSnippets.broken(blocks, IMPORTS, List.of(READER), classPath));
    }
}
