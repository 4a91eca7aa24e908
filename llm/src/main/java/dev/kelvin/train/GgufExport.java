// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.model.DecoderShape;
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
        Map<String, Object> metadata = shape.metadata();
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", metadata.remove("general.architecture"))
                .metadata("general.name", name)
                .metadata("general.file_type", ALL_F32);
        metadata.forEach(writer::metadata);
        tokenizer.forEach(writer::metadata);
        for (String tensor : parameters.names()) {
            writer.tensor(tensor, parameters.value(tensor));
        }
        writer.write(path);
    }
}
