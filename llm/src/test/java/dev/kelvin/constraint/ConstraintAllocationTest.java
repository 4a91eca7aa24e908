// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.kelvin.format.json.JsonReader;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What was met before takes no memory: a token after warm-up makes no garbage. */
class ConstraintAllocationTest {
    private static final String SCHEMA = """
            {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}, "days": {"type": "integer",
             "minimum": 1, "maximum": 14}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3}},
             "required": ["city", "days"], "additionalProperties": false}""";

    /** Walks a document; returns what it saw, so that nothing of it can be left out. */
    private static long walk(ConstrainedText text, int[] ids) {
        long seen = 0;
        for (int id : ids) {
            seen += System.identityHashCode(text.mask()) + text.forced();
            text.accept(id);
            seen += text.hasEnded() ? 1 : 0;
        }
        return seen;
    }

    @Test
    void aTokenAfterWarmUpAllocatesNothing() throws Exception {
        Constraint constraint =
                new Constraint(JsonSchema.grammar(JsonReader.read(SCHEMA)), ConstraintTest.bytesAndWords());
        Random random = new Random(5);
        List<int[]> documents = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            documents.add(document(constraint.begin(), random));
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long fewest = Long.MAX_VALUE;
        int tokens = documents.stream().mapToInt(ids -> ids.length).sum();
        long seen = 0;
        // The counter counts what the JIT compiler's threads leave on this one, too: the least of several counts.
        for (int round = 0; round < 20; round++) {
            List<ConstrainedText> texts =
                    documents.stream().map(_ -> constraint.begin()).toList();
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < texts.size(); i++) {
                seen += walk(texts.get(i), documents.get(i));
            }
            fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(tokens > 200 && seen != 0, tokens + " tokens");
        assertEquals(0, fewest, "bytes for " + tokens + " tokens");
    }

    private static int[] document(ConstrainedText text, Random random) {
        List<Integer> ids = new ArrayList<>();
        while (!text.hasEnded() && ids.size() < 500) {
            int[] choices = text.mask().allowed().stream().toArray();
            int id = choices[random.nextInt(choices.length)];
            ids.add(id);
            text.accept(id);
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
