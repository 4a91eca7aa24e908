// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.Kernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The width of this JVM's vectors: {@code kelvin.vectorBits} if set, else the preferred one, at most 512 bits. Static
 * and final, because C2 compiles vector code only for species that it can see as constants.
 */
final class Lanes {
    static final VectorSpecies<Float> F = VectorSpecies.of(float.class, VectorShape.forBitSize(bits()));

    /** Floats in a vector. */
    static final int COUNT = F.length();

    /**
     * Whether there are 16 registers, as with 256 bits as the widest vectors (AVX2), else 32 (AVX-512, NEON). Wider
     * vectors than those, which only tests ask for there, take the loops of machines that have them.
     */
    static final boolean FEW_REGISTERS = FloatVector.SPECIES_PREFERRED.vectorBitSize() == 256 && COUNT <= 8;

    private Lanes() {}

    private static int bits() {
        int preferred = Math.min(512, FloatVector.SPECIES_PREFERRED.vectorBitSize());
        return Integer.getInteger(Kernels.VECTOR_BITS, preferred);
    }
}
