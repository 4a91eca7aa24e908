// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact sums over vectors of bytes. Half a vector of bytes becomes a vector of shorts, which hold a product; two of
 * those lie in each int, from where shifts bring them to sums of their own without moving anything across lanes.
 */
final class ByteLanes {
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, Lanes.F.vectorShape());
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, Lanes.F.vectorShape());

    /** The least shape has 64 bits, half of the narrowest vectors. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

    private static final int COUNT = S.length();

    private ByteLanes() {}

    static int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int end = length - length % (2 * COUNT);
        int sum = end == 0 ? 0 : products(a, aOffset, b, bOffset, end);
        for (int i = end; i < length; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }

    private static int products(byte[] a, int aOffset, byte[] b, int bOffset, int end) {
        IntVector low = IntVector.zero(I);
        IntVector high = low;
        IntVector low1 = low;
        IntVector high1 = low;
        for (int i = 0; i < end; i += 2 * COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            IntVector pairs = x.mul(y).reinterpretAsInts();
            low = low.add(pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
            high = high.add(pairs.lanewise(VectorOperators.ASHR, 16));
            x = (ShortVector) ByteVector.fromArray(B, a, aOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            y = (ShortVector) ByteVector.fromArray(B, b, bOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            pairs = x.mul(y).reinterpretAsInts();
            low1 = low1.add(pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
            high1 = high1.add(pairs.lanewise(VectorOperators.ASHR, 16));
        }
        return low.add(high).add(low1.add(high1)).reduceLanes(VectorOperators.ADD);
    }

    static int squaredDistance(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int end = length - length % COUNT;
        int sum = end == 0 ? 0 : distances(a, aOffset, b, bOffset, end);
        for (int i = end; i < length; i++) {
            int difference = a[aOffset + i] - b[bOffset + i];
            sum += difference * difference;
        }
        return sum;
    }

    /** A squared difference needs 16 bits without a sign. */
    private static int distances(byte[] a, int aOffset, byte[] b, int bOffset, int end) {
        IntVector low = IntVector.zero(I);
        IntVector high = low;
        IntVector mask = IntVector.broadcast(I, 0xffff);
        for (int i = 0; i < end; i += COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector difference = x.sub(y);
            IntVector pairs = difference.mul(difference).reinterpretAsInts();
            low = low.add(pairs.and(mask));
            high = high.add(pairs.lanewise(VectorOperators.LSHR, 16));
        }
        return low.add(high).reduceLanes(VectorOperators.ADD);
    }
}
