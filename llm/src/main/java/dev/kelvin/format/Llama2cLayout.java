// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the tensors of a checkpoint of llama2.c lie: one behind the other, those of all layers under one name together.
 */
final class Llama2cLayout {
    private final Path path;
    private final Llama2cHeader header;
    private final Llama2cHeader.Sizes sizes;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private long end;

    /**
     * Where a tensor lies.
     *
     * @param info as F32
     * @param scalesOffset the first byte of its scales; −1 if its numbers are F32
     */
    record Place(TensorInfo info, long scalesOffset) {}

    Llama2cLayout(Path path, Llama2cHeader header) {
        this.path = path;
        this.header = header;
        sizes = header.sizes();
        if (header.version() == 0) {
            end = Llama2cHeader.SHORTEST;
            matrix("token_embd", sizes.vocabSize(), sizes.dim());
            norms("attn_norm");
            attention();
            norms("ffn_norm");
            feedForward();
            norm("output_norm");
            end += (long) sizes.contextLength() * sizes.headDim() * Float.BYTES; // cosines and sines
        } else {
            end = Llama2cHeader.LONGEST;
            norms("attn_norm");
            norms("ffn_norm");
            norm("output_norm");
            matrix("token_embd", sizes.vocabSize(), sizes.dim());
            attention();
            feedForward();
        }
        if (!header.tied()) {
            matrix("output", sizes.vocabSize(), sizes.dim());
        }
    }

    /** By GGUF's names. */
    Map<String, Place> places() {
        return places;
    }

    /** The size of the file. */
    long end() {
        return end;
    }

    private void attention() {
        matrices("attn_q", sizes.dim(), sizes.dim());
        matrices("attn_k", sizes.kvDim(), sizes.dim());
        matrices("attn_v", sizes.kvDim(), sizes.dim());
        matrices("attn_output", sizes.dim(), sizes.dim());
    }

    private void feedForward() {
        matrices("ffn_gate", sizes.ffnDim(), sizes.dim());
        matrices("ffn_down", sizes.dim(), sizes.ffnDim());
        matrices("ffn_up", sizes.ffnDim(), sizes.dim());
    }

    private void norms(String name) {
        for (int layer = 0; layer < sizes.layers(); layer++) {
            norm("blk." + layer + "." + name);
        }
    }

    private void norm(String name) {
        place(name, Shape.of(sizes.dim()), 0);
    }

    private void matrices(String name, int rows, int columns) {
        for (int layer = 0; layer < sizes.layers(); layer++) {
            matrix("blk." + layer + "." + name, rows, columns);
        }
    }

    private void matrix(String name, int rows, int columns) {
        place(name, Shape.of(rows, columns), header.group());
    }

    /** Groups are whole: a matrix has a side of D elements, which is a multiple of the group. */
    private void place(String name, Shape shape, int group) {
        String full = name + ".weight";
        long elements = shape.elements();
        long size = elements * Float.BYTES;
        places.put(
                full,
                new Place(new TensorInfo(path, full, DType.F32, shape, end, size), group == 0 ? -1 : end + elements));
        end += group == 0 ? size : elements + elements / group * Float.BYTES;
    }
}
