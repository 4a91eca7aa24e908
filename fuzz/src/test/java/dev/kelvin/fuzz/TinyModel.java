// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A llama model of one layer and a vocabulary of letters, small enough that a fuzzer changes what matters. */
final class TinyModel {
    private static final int DIM = 8;
    private static final int FFN = 8;
    private static final int VOCABULARY = 32;
    private static final String TEMPLATE = "{% for m in messages %}{{ m.role }} {{ m.content }}{% endfor %}";
    private static final String SERVED_TEMPLATE = "{% for t in tools or [] %}{{ t|tojson }}{% endfor %}"
            + "{% for m in messages %}{{ m.role }} {{ m.content }}{{ m.reasoning_content or '' }}"
            + "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function|tojson }}</tool_call>{% endfor %}{% endfor %}"
            + "{% if add_generation_prompt %}assistant {% if enable_thinking %}<think>{% endif %}{% endif %}";
    private static final String SPACE = "\u2581";
    private static final int FIRST = ' ';
    private static final int PRINTABLE = 0x7f - FIRST;

    /** The bytes of its file. */
    static final byte[] BYTES = write(letters(), 64, false);

    /**
     * The bytes of another, which can write JSON, is told of tools and makes vectors of texts, so that a server of it
     * refuses no request for what the model is.
     */
    static final byte[] SERVED_BYTES = write(everything(), 512, true);

    private TinyModel() {}

    /** What a vocabulary begins with. */
    private static String[] withControls(int size) {
        String[] tokens = new String[size];
        tokens[0] = "<unk>";
        tokens[1] = "<s>";
        tokens[2] = "</s>";
        return tokens;
    }

    private static String[] letters() {
        String[] tokens = withControls(VOCABULARY);
        for (int id = 3; id < VOCABULARY; id++) {
            tokens[id] = Character.toString(id - 3 + 'a');
        }
        tokens[VOCABULARY - 1] = SPACE;
        return tokens;
    }

    /** All printable characters of ASCII, and all bytes. */
    private static String[] everything() {
        String[] tokens = withControls(3 + PRINTABLE + 256);
        for (int i = 0; i < PRINTABLE; i++) {
            tokens[3 + i] = i == 0 ? SPACE : Character.toString(FIRST + i);
        }
        for (int value = 0; value < 256; value++) {
            tokens[3 + PRINTABLE + value] = String.format("<0x%02X>", value);
        }
        return tokens;
    }

    private static byte[] write(String[] tokens, int contextLength, boolean served) {
        int vocabulary = tokens.length;
        int[] types = new int[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            types[id] = id == 0 ? 2 : id < 3 ? 3 : tokens[id].startsWith("<0x") ? 6 : 1;
        }
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("llama.embedding_length", DIM)
                .metadata("llama.feed_forward_length", FFN)
                .metadata("llama.attention.head_count", 2)
                .metadata("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .metadata("llama.block_count", 1)
                .metadata("llama.context_length", contextLength)
                .metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", tokens)
                .metadata("tokenizer.ggml.scores", new float[vocabulary])
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.chat_template", served ? SERVED_TEMPLATE : TEMPLATE);
        if (served) {
            writer.metadata("llama.pooling_type", 1);
        }
        SplittableRandom random = new SplittableRandom(1);
        tensor(writer, random, "token_embd", vocabulary, DIM);
        for (String name :
                new String[] {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
            tensor(writer, random, "blk.0." + name, DIM, DIM);
        }
        for (String name : new String[] {"blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"}) {
            tensor(writer, random, name, DIM);
        }
        try {
            Path file = Files.createTempFile("tiny", ".gguf");
            try {
                writer.write(file);
                return Files.readAllBytes(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tensor(GgufWriter writer, SplittableRandom random, String name, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-1, 1);
        }
        writer.tensor(name + ".weight", tensor);
    }

    /** The file, opened. */
    static GgufFile open() {
        return open(BYTES);
    }

    /** One of the files, opened. */
    static GgufFile open(byte[] bytes) {
        try {
            return GgufFile.of(Path.of("tiny.gguf"), bytes);
        } catch (ModelFormatException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
