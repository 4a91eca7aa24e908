// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kelvin rerank}, on a tiny encoder with a classifier added. */
class RerankCommandTest {
    private static final int RANK = 4;
    private static final int DIM = 48;

    @TempDir
    Path folder;

    private Path reranker() throws IOException {
        return writeReranker(folder.resolve("reranker.gguf"));
    }

    /** A tiny encoder that has a classifier. */
    static Path writeReranker(Path path) throws IOException {
        HeapTensor output = HeapTensor.zeros(1, DIM);
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < DIM; i++) {
            output.data()[i] = (float) random.nextDouble(-1, 1);
        }
        try (GgufFile file = GgufFile.open(SharedData.require("architectures/bert-cls.gguf"))) {
            GgufWriter writer = new GgufWriter()
                    .metadataOf(file, Set.of("bert.pooling_type"))
                    .metadata("bert.pooling_type", GgufType.UINT32, RANK);
            for (TensorInfo info : file.tensors()) {
                writer.tensor(info.name(), file.tensor(info.name()).toHeap());
            }
            writer.tensor("cls.output.weight", output).write(path);
        }
        return path;
    }

    @Test
    void printsTheBestFirst() throws IOException {
        String[] command = {
            "rerank", "--model", reranker().toString(), "--query", "a", "--threads", "1", "b", "c d", "e"
        };
        List<String> lines = Outcome.of(command).result().lines().toList();
        assertEquals(3, lines.size());
        double before = Double.POSITIVE_INFINITY;
        for (String line : lines) {
            String[] columns = line.split("\t", -1);
            double score = Double.parseDouble(columns[0]);
            assertTrue(score <= before, lines::toString);
            before = score;
            assertEquals(List.of("b", "c d", "e").get(Integer.parseInt(columns[1])), columns[2]);
        }
        String[] json = Arrays.copyOf(command, command.length + 1);
        json[command.length] = "--json";
        String document = Outcome.of(json).result();
        assertTrue(
                document.contains("\"index\":" + lines.getFirst().split("\t", -1)[1])
                        || document.contains("\"index\": " + lines.getFirst().split("\t", -1)[1]),
                document);
        assertTrue(document.contains(lines.getFirst().split("\t", -1)[0]), document);
        assertTrue(
                document.indexOf(lines.get(0).split("\t", -1)[0])
                        < document.indexOf(lines.get(2).split("\t", -1)[0]),
                document);
    }

    @Test
    void refusesAModelThatCannot() throws IOException {
        Outcome outcome = Outcome.of(
                "rerank", "--model", TinyModel.write(folder.resolve("m.gguf")).toString(), "--query", "a", "b");
        assertEquals(1, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains("no classifier"), outcome::toString);
        assertEquals(2, Outcome.of("rerank", "--model", "x.gguf", "b").exitCode());
    }
}
