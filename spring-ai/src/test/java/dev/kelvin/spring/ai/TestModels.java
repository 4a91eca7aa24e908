// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Models for tests of this module and of those that stand on it. */
public final class TestModels {
    private static final String COMES_WITH_THE_PROGRAM = "cli/src/main/resources/dev/kelvin/cli/stories.gguf";
    private static final int DIM = 32;
    private static final int FFN_DIM = 48;
    private static final int HEADS = 2;
    private static final int HEAD_DIM = 16;
    private static final int LAYERS = 2;

    private TestModels() {}

    /** The model that comes with the program: it tells stories, in a context of 512 tokens. */
    public static Path stories() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path found = folder.resolve(COMES_WITH_THE_PROGRAM);
            if (Files.exists(found)) {
                return found;
            }
        }
        throw new AssertionError(
                "no " + COMES_WITH_THE_PROGRAM + " above " + Path.of("").toAbsolutePath());
    }

    /** Opens a model on two threads. */
    public static Kelvin open(Path model, EngineLimits limits) throws IOException {
        return Kelvin.open(model, Compute.startQuick(2), limits);
    }

    /** Opens a model on two threads. */
    public static Kelvin open(Path model) throws IOException {
        return open(model, EngineLimits.STANDARD);
    }

    /**
     * Writes a model of random weights in the vocabulary of {@link #stories}. It makes vectors as well as texts, has
     * room for long prompts, and a template that says whether it is to think.
     */
    public static Path writeTiny(Path file) throws IOException {
        try (GgufFile stories = GgufFile.open(stories())) {
            GgufWriter writer = new GgufWriter()
                    .metadata("general.architecture", "qwen3")
                    .metadata("general.name", "tiny")
                    .metadata("qwen3.embedding_length", DIM)
                    .metadata("qwen3.feed_forward_length", FFN_DIM)
                    .metadata("qwen3.attention.head_count", HEADS)
                    .metadata("qwen3.attention.head_count_kv", HEADS)
                    .metadata("qwen3.attention.key_length", HEAD_DIM)
                    .metadata("qwen3.attention.value_length", HEAD_DIM)
                    .metadata("qwen3.attention.layer_norm_rms_epsilon", 1e-5f)
                    .metadata("qwen3.block_count", LAYERS)
                    .metadata("qwen3.context_length", 4096)
                    .metadata("qwen3.rope.freq_base", 10000f)
                    .metadata("qwen3.pooling_type", 3)
                    .metadata("tokenizer.chat_template", """
                            {% for message in messages %}{{ message.role + ': ' + message.content + '\\n' }}{% endfor %}\
                            {% if enable_thinking is defined %}\
                            {% if enable_thinking %}It thinks first, for a long while.{% else %}At once.{% endif %}{% endif %}\
                            {{ 'assistant: ' }}""");
            for (Map.Entry<String, Object> each : stories.metadata().asMap().entrySet()) {
                if (each.getKey().startsWith("tokenizer.")) {
                    writer.metadata(each.getKey(), each.getValue());
                }
            }
            int vocabSize = stories.metadata().strings("tokenizer.ggml.tokens").length;
            weights(writer, vocabSize);
            writer.write(file);
        }
        return file;
    }

    private static void weights(GgufWriter writer, int vocabSize) {
        SplittableRandom random = new SplittableRandom(7);
        int rows = HEADS * HEAD_DIM;
        writer.tensor("token_embd.weight", uniform(random, 1, vocabSize, DIM));
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            writer.tensor(block + "attn_norm.weight", ones(DIM));
            writer.tensor(block + "attn_q.weight", matrix(random, rows, DIM));
            writer.tensor(block + "attn_k.weight", matrix(random, rows, DIM));
            writer.tensor(block + "attn_v.weight", matrix(random, rows, DIM));
            writer.tensor(block + "attn_q_norm.weight", ones(HEAD_DIM));
            writer.tensor(block + "attn_k_norm.weight", ones(HEAD_DIM));
            writer.tensor(block + "attn_output.weight", matrix(random, DIM, rows));
            writer.tensor(block + "ffn_norm.weight", ones(DIM));
            writer.tensor(block + "ffn_gate.weight", matrix(random, FFN_DIM, DIM));
            writer.tensor(block + "ffn_up.weight", matrix(random, FFN_DIM, DIM));
            writer.tensor(block + "ffn_down.weight", matrix(random, DIM, FFN_DIM));
        }
        writer.tensor("output_norm.weight", ones(DIM));
    }

    private static HeapTensor ones(int length) {
        HeapTensor ones = HeapTensor.zeros(length);
        Arrays.fill(ones.data(), 1);
        return ones;
    }

    private static HeapTensor matrix(SplittableRandom random, int rows, int columns) {
        return uniform(random, (float) Math.sqrt(3.0 / columns), rows, columns);
    }

    private static HeapTensor uniform(SplittableRandom random, float limit, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-limit, limit);
        }
        return tensor;
    }
}
