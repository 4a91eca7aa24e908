// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.StripPacker;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Objects;

/** Weights turned to strips, split over strips. */
final class Packing implements RangeTask {
    /** Of the memory that strips lie in, in bytes: a cache line, as long as the widest vector. */
    private static final long ALIGNMENT = 64;

    /** Rows this long are not met in models; the arrays of a packer could not hold their strips. */
    private static final long LONGEST_STRIP = 1L << 28;

    private final Team team;
    private final StripPacker[] packers;
    private final boolean[] finite;
    private MappedTensor from;
    private PackedTensor to;

    Packing(Team team) {
        this.team = team;
        packers = new StripPacker[team.threads()];
        finite = new boolean[team.threads()];
    }

    Tensor apply(MappedTensor from, SegmentAllocator memory) {
        Objects.requireNonNull(memory, "memory");
        Require.countable("pack", "w", from);
        team.requireAccess("pack", "w", from);
        PackedLayout layout = PackedLayout.of(from.dtype()).orElse(null);
        // Strips are filled up with zeros: a few long rows would take many times their size.
        if (layout == null
                || from.rows() < PackedLayout.STRIP
                || from.columns() == 0
                || layout.stripBytes(from.columns()) > LONGEST_STRIP) {
            return from;
        }
        MemorySegment segment = memory.allocate(PackedTensor.bytes(from.dtype(), from.shape()), ALIGNMENT);
        PackedTensor packed = new PackedTensor(from.dtype(), from.shape(), segment);
        team.requireAccess("pack", "memory of", packed);
        Arrays.fill(finite, true);
        try {
            this.from = from;
            this.to = packed;
            for (int worker = 0; worker < packers.length; worker++) {
                packers[worker] = new StripPacker();
            }
            long picos = Team.saturatedProduct(Cost.PACK.picos() * PackedLayout.STRIP, from.columns());
            team.run(Math.ceilDiv(from.rows(), PackedLayout.STRIP), picos, 1, this);
            for (boolean ok : finite) {
                if (!ok) {
                    return from;
                }
            }
            return to;
        } finally {
            this.from = null;
            this.to = null;
            Arrays.fill(packers, null);
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        finite[worker] &= packers[worker].pack(from, to, begin, end);
    }
}
