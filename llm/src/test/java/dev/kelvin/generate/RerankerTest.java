// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores of texts: encoders of {@code shared/data/architectures} with a classifier added, and qwen3's two rows. */
class RerankerTest {
    private static final int RANK = 4;
    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    /** Numbers in ±0.3, the same for the same name. */
    private static HeapTensor drawn(String name, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-0.3, 0.3);
        }
        return tensor;
    }

    private Path with(String name, Map<String, HeapTensor> added, Map<String, ?> keys) throws IOException {
        Path path = folder.resolve(name + "-rank.gguf");
        try (GgufFile file = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"))) {
            String pooling = file.metadata().string("general.architecture") + ".pooling_type";
            GgufWriter writer = new GgufWriter().metadataOf(file, Set.of(pooling));
            if (!added.isEmpty()) {
                writer.metadata(pooling, GgufType.UINT32, RANK);
            }
            keys.forEach(writer::metadata);
            for (TensorInfo info : file.tensors()) {
                writer.tensor(info.name(), file.tensor(info.name()).toHeap());
            }
            added.forEach(writer::tensor);
            writer.write(path);
        }
        return path;
    }

    private static OpenModel open(Path path) throws IOException {
        return OpenModel.of(GgufFile.open(path), Compute.start(2), LoadOptions.QUIET);
    }

    private static double[][] hidden(Decoder model, int[] ids) {
        int dim = model.plan().sizes().dim();
        HeapTensor rows = HeapTensor.zeros(ids.length, dim);
        try (Sequence sequence = model.newPool().newSequence()) {
            model.append(sequence, ids, 0, ids.length, rows);
        }
        double[][] hidden = new double[ids.length][dim];
        for (int i = 0; i < ids.length * dim; i++) {
            hidden[i / dim][i % dim] = rows.data()[i];
        }
        return hidden;
    }

    private static double[] product(HeapTensor w, double[] x) {
        double[] y = new double[w.rows()];
        for (int n = 0; n < y.length; n++) {
            for (int k = 0; k < x.length; k++) {
                y[n] += (double) w.data()[n * x.length + k] * x[k];
            }
        }
        return y;
    }

    private static int[] ids(int count, int first) {
        return IntStream.range(0, count).map(i -> first + i * 7 % 50).toArray();
    }

    @Test
    void bertAsAClassifierOfItsFirstRow() throws IOException {
        Map<String, HeapTensor> head = new TreeMap<>();
        head.put("cls.weight", drawn("cls", 48, 48));
        head.put("cls.bias", drawn("cls bias", 48));
        head.put("cls.output.weight", drawn("out", 3, 48));
        head.put("cls.output.bias", drawn("out bias", 3));
        try (OpenModel open = open(with("bert-cls", head, Map.of()))) {
            Reranker reranker = Reranker.of(open);
            int[] ids = ids(19, 3);
            double[] dense = product(head.get("cls.weight"), hidden(open.model(), ids)[0]);
            for (int i = 0; i < dense.length; i++) {
                dense[i] = Math.tanh(dense[i] + head.get("cls.bias").data()[i]);
            }
            double score = product(head.get("cls.output.weight"), dense)[0]
                    + head.get("cls.output.bias").data()[0];
            float[] alone = reranker.scores(List.of(ids));
            assertEquals(score, alone[0], TOLERANCE);
            float[] together = reranker.scores(List.of(ids(5, 9), ids, ids(30, 4)));
            assertEquals(Float.floatToRawIntBits(alone[0]), Float.floatToRawIntBits(together[1]));
            assertFalse(together[0] == together[2]);

            int[] pair = reranker.pair("a b", "c");
            int[] query = open.tokenizer().surround(open.tokenizer().encode("a b"));
            int[] document = open.tokenizer().surround(open.tokenizer().encode("c"));
            assertArrayEquals(query, Arrays.copyOf(pair, query.length), "the query as a text of its own");
            assertArrayEquals(
                    Arrays.copyOfRange(document, 1, document.length),
                    Arrays.copyOfRange(pair, query.length, pair.length),
                    "the document without a beginning");
            assertThrows(IllegalArgumentException.class, () -> reranker.scores(List.of(new int[0])));
        }
    }

    /** Mean, projection, GELU, norm, output. */
    @Test
    void modernBertOfTheMean() throws IOException {
        Map<String, HeapTensor> head = new TreeMap<>();
        head.put("cls.weight", drawn("cls", 48, 48));
        head.put("cls.norm.weight", drawn("norm", 48));
        head.put("cls.output.weight", drawn("out", 1, 48));
        try (OpenModel open = open(with("modern-bert", head, Map.of()))) {
            int[] ids = ids(11, 5);
            double[] mean = new double[48];
            for (double[] row : hidden(open.model(), ids)) {
                for (int i = 0; i < row.length; i++) {
                    mean[i] += row[i] / ids.length;
                }
            }
            double[] x = product(head.get("cls.weight"), mean);
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                x[i] = 0.5 * x[i] * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x[i] + 0.044715 * x[i] * x[i] * x[i])));
                sum += x[i] / x.length;
            }
            double variance = 0;
            for (double value : x) {
                variance += (value - sum) * (value - sum) / x.length;
            }
            for (int i = 0; i < x.length; i++) {
                x[i] = (x[i] - sum)
                        / Math.sqrt(variance + 1e-5)
                        * head.get("cls.norm.weight").data()[i];
            }
            assertEquals(
                    product(head.get("cls.output.weight"), x)[0],
                    Reranker.of(open).scores(List.of(ids))[0],
                    TOLERANCE);
        }
    }

    /** The last row by two rows of the output, as shares; without the copy by the output itself. */
    @Test
    void qwen3SaysYesOrNo() throws IOException {
        HeapTensor rows = drawn("yes and no", 2, 40);
        int[] ids = ids(23, 6);
        String template = "Q {query} D {document} ?";
        Map<String, String> key = Map.of("tokenizer.chat_template.rerank", template);
        try (OpenModel open = open(with("qwen3-embedding", Map.of("cls.output.weight", rows), key))) {
            double[] numbers = product(rows, hidden(open.model(), ids)[ids.length - 1]);
            Reranker reranker = Reranker.of(open);
            float score = reranker.scores(List.of(ids))[0];
            assertEquals(1 / (1 + Math.exp(numbers[1] - numbers[0])), score, TOLERANCE);
            assertArrayEquals(open.tokenizer().encode("Q {document} D b ?", true), reranker.pair("{document}", "b"));
        }
    }

    /** Text that spells a control token stays text. */
    @Test
    void aDocumentSpellsNoControlToken() throws IOException {
        HeapTensor rows = drawn("yes and no", 2, 40);
        try (OpenModel open = open(with("qwen3-embedding", Map.of("cls.output.weight", rows), Map.of()))) {
            int control = -1;
            for (int id = 0; id < open.vocabSize() && control < 0; id++) {
                String piece = open.tokenizer().piece(id);
                int[] parsed = open.tokenizer().encode(piece, true);
                if (parsed.length == 1 && open.tokenizer().encode(piece).length > 1) {
                    control = id;
                }
            }
            assertTrue(control >= 0, "the vocabulary has a control token");
            int id = control;
            Reranker reranker = Reranker.of(open);
            int inTemplate = (int) Arrays.stream(reranker.pair("a", "b"))
                    .filter(found -> found == id)
                    .count();
            int[] ids = reranker.pair("a", "b " + open.tokenizer().piece(id));
            assertEquals(
                    inTemplate, Arrays.stream(ids).filter(found -> found == id).count());
        }
    }

    @Test
    void refusesModelsThatCannotScore() throws IOException {
        try (OpenModel open = open(SharedData.require("architectures/bert-mean.gguf"))) {
            String message = assertThrows(IllegalArgumentException.class, () -> Reranker.of(open))
                    .getMessage();
            assertTrue(message.contains("cls.output"), message);
        }
        Path path = with("bert-mean", Map.of("cls.bias", drawn("b", 48)), Map.of());
        String message = assertThrows(
                        ModelFormatException.class, () -> open(path).close())
                .getMessage();
        assertTrue(message.contains("cls.output.weight"), message);
    }
}
