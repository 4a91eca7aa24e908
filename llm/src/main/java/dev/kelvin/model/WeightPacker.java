// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.SegmentAllocator;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Packs the matrices of one model, as long as there is memory for them. What is not packed stays in the mapped file: it
 * is right all the same, but slower, and with the arithmetic of decoded weights, so that last digits differ. Whoever
 * loads the model is told so once.
 */
final class WeightPacker {
    /** What a process takes beside its weights, in bytes: the virtual machine, a vocabulary, activations. */
    private static final long BESIDE_WEIGHTS = 100L << 20;

    private static final String STAYS = "; weights stay in the file, which is slower and changes the last digits";

    private final Compute compute;
    private final SegmentAllocator memory;
    private final Progress progress;
    private boolean enough = true;

    /**
     * Foretells whether the weights fit into memory.
     *
     * @param compute packs on its threads
     * @param memory gives the memory of packed weights; that of a closeable arena is not counted against the heap
     * @param weightBytes what all weights of the model take once they are packed
     * @param limit the memory that this process can have, if it is known
     * @param progress is told what does not fit
     */
    WeightPacker(Compute compute, SegmentAllocator memory, long weightBytes, OptionalLong limit, Progress progress) {
        this.compute = compute;
        this.memory = memory;
        this.progress = progress;
        if (limit.isPresent() && weightBytes > limit.getAsLong() - BESIDE_WEIGHTS) {
            stop("the weights take " + gigabytes(weightBytes) + " and there are only " + gigabytes(limit.getAsLong())
                    + " of memory" + STAYS);
        }
    }

    /** The packed form of a matrix; the matrix itself if it has none, or if there is no memory for it. */
    Tensor pack(MappedTensor weight) {
        if (!enough) {
            return weight;
        }
        try {
            return compute.weights().pack(weight, memory);
        } catch (OutOfMemoryError e) {
            stop("no memory to pack " + gigabytes(PackedTensor.bytes(weight.dtype(), weight.shape())) + " of weights ("
                    + e.getMessage() + ")" + STAYS);
            return weight;
        }
    }

    /** Asking again would wait each time: the virtual machine first tries to collect what nobody uses. */
    private void stop(String reason) {
        enough = false;
        progress.remark(reason);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
