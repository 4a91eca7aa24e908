// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.DType;
import java.io.IOException;

/** The experts of gpt-oss as the hub has them. */
final class HubGptOss {
    private HubGptOss() {}

    /** Experts of gpt-oss: gate and up in turn as columns, or in codes of four bits as rows. */
    static boolean add(GgufFile file, TensorInfo info, HubShards shards) throws IOException {
        if (!info.name().contains("_exps")) {
            return false;
        }
        String layer = "model.layers." + info.name().split("\\.", -1)[1] + ".mlp.experts.";
        boolean bias = info.name().endsWith(".bias");
        int[] dims = info.shape().dims();
        if (info.name().contains("ffn_up")) {
            return true; // with its gate
        }
        float[][] parts = {file.tensor(info.name()).toHeap().data()};
        if (info.name().contains("ffn_gate")) {
            parts = new float[][] {
                parts[0],
                file.tensor(info.name().replace("ffn_gate", "ffn_up")).toHeap().data()
            };
        }
        String name = layer + (parts.length == 2 ? "gate_up_proj" : "down_proj");
        int rows = dims[1] * parts.length;
        int columns = bias ? 1 : dims[2];
        float[] both = new float[dims[0] * rows * columns];
        for (int expert = 0; expert < dims[0]; expert++) {
            for (int row = 0; row < rows; row++) {
                int from = (expert * dims[1] + row / parts.length) * columns;
                int to = (expert * rows + row) * columns;
                System.arraycopy(parts[row % parts.length], from, both, to, columns);
            }
        }
        if (bias) {
            shards.put(name + "_bias", both, new int[] {dims[0], rows});
        } else if (file.find(info.name()).orElseThrow().dtype() == DType.MXFP4) {
            shards.putCodes(name, both, new int[] {dims[0], rows, columns});
        } else {
            float[] turned = new float[both.length];
            for (int i = 0; i < both.length; i++) {
                int expert = i / (rows * columns);
                int row = i / columns % rows;
                turned[(expert * columns + i % columns) * rows + row] = both[i];
            }
            shards.put(name, turned, new int[] {dims[0], columns, rows});
        }
        return true;
    }
}
