// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A trained decoder as a GGUF file; names of keys and tensors are those of ggml's gguf.md. */
final class GgufExport {
    /** {@code general.file_type} of a file whose tensors are F32. */
    private static final int ALL_F32 = 0;

    private GgufExport() {}

    static void write(Path path, String name, DecoderShape shape, Parameters parameters, Map<String, Object> tokenizer)
            throws IOException {
        boolean gpt2 = shape.architecture() == Architecture.GPT2;
        String architecture = gpt2 ? "gpt2" : "llama";
        GgufWriter writer = new GgufWriter();
        writer.metadata("general.architecture", architecture)
                .metadata("general.name", name)
                .metadata("general.file_type", ALL_F32)
                .metadata(architecture + ".context_length", shape.contextLength())
                .metadata(architecture + ".embedding_length", shape.dim())
                .metadata(architecture + ".block_count", shape.layers())
                .metadata(architecture + ".feed_forward_length", shape.ffnDim())
                .metadata(architecture + ".attention.head_count", shape.heads());
        if (gpt2) {
            writer.metadata("gpt2.attention.layer_norm_epsilon", DecoderShape.NORM_EPSILON);
        } else {
            writer.metadata("llama.attention.head_count_kv", shape.kvHeads())
                    .metadata("llama.attention.layer_norm_rms_epsilon", DecoderShape.NORM_EPSILON)
                    .metadata("llama.rope.dimension_count", shape.headDim())
                    .metadata("llama.rope.freq_base", DecoderShape.ROPE_BASE)
                    .metadata("llama.vocab_size", shape.vocabSize());
        }
        tokenizer.forEach(writer::metadata);
        for (String tensor : parameters.names()) {
            writer.tensor(tensor, parameters.value(tensor));
        }
        writer.write(path);
    }
}
