// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.kernel.scalar.ScalarVectors;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact sums over vectors of bytes. Half a vector of bytes becomes a vector of shorts.
 *
 * <p>A product of bytes is in [−128·127, 128·128]. So the sum of two of them has 65281 values, and is exact in a short
 * whose bits are read with a bias of {@value #BIAS}: what would be less than 0 is not, and 2¹⁵ keeps its place.
 *
 * <p>Two shorts lie in an int, high and low, and their sums are taken from ints without a mask: Σ (2¹⁶·high + low) and
 * Σ high tell Σ low, all modulo 2³². That the bias has been added too often to fit does no harm for the same reason.
 */
final class ByteLanes {
    private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, Lanes.F.vectorShape());
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, Lanes.F.vectorShape());

    /** The least shape has 64 bits, half of the narrowest vectors. */
    private static final VectorSpecies<Byte> B =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Lanes.F.vectorBitSize() / 2));

    private static final int COUNT = S.length();

    /** Minus the least sum of two products. */
    private static final int BIAS = 2 * 128 * 127;

    private static final VectorKernels SCALAR = new ScalarVectors();

    private ByteLanes() {}

    /** Σ high + Σ low of shorts without a sign; told lane by lane, since to sum up the lanes takes longest. */
    private static int sum(IntVector both, IntVector high) {
        return both.sub(high.lanewise(VectorOperators.LSHL, 16)).add(high).reduceLanes(VectorOperators.ADD);
    }

    static int dot(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int end = length - length % (2 * COUNT);
        int sum = end == 0 ? 0 : products(a, aOffset, b, bOffset, end);
        for (int i = end; i < length; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }

    private static int products(byte[] a, int aOffset, byte[] b, int bOffset, int end) {
        IntVector both = IntVector.zero(I);
        IntVector high = both;
        ShortVector bias = ShortVector.broadcast(S, (short) BIAS);
        for (int i = 0; i < end; i += 2 * COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector products = x.mul(y);
            x = (ShortVector) ByteVector.fromArray(B, a, aOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            y = (ShortVector) ByteVector.fromArray(B, b, bOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            IntVector pairs = products.add(bias).add(x.mul(y)).reinterpretAsInts();
            both = both.add(pairs);
            high = high.add(pairs.lanewise(VectorOperators.LSHR, 16));
        }
        return sum(both, high) - end / 2 * BIAS;
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
        IntVector both = IntVector.zero(I);
        IntVector high = both;
        for (int i = 0; i < end; i += COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector difference = x.sub(y);
            IntVector squares = difference.mul(difference).reinterpretAsInts();
            both = both.add(squares);
            high = high.add(squares.lanewise(VectorOperators.LSHR, 16));
        }
        return sum(both, high);
    }

    static float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
        int end = length - length % (2 * COUNT);
        return end == 0
                ? SCALAR.cosine(a, aOffset, b, bOffset, length)
                : cosine(a, aOffset, b, bOffset, end, length - end);
    }

    /** All three sums from one look at the bytes. Two squares have no sign, and so need no bias. */
    private static float cosine(byte[] a, int aOffset, byte[] b, int bOffset, int end, int rest) {
        IntVector both = IntVector.zero(I);
        IntVector high = both;
        IntVector aBoth = both;
        IntVector aHigh = both;
        IntVector bBoth = both;
        IntVector bHigh = both;
        ShortVector bias = ShortVector.broadcast(S, (short) BIAS);
        for (int i = 0; i < end; i += 2 * COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector x1 = (ShortVector)
                    ByteVector.fromArray(B, a, aOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y1 = (ShortVector)
                    ByteVector.fromArray(B, b, bOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            IntVector pairs = x.mul(y).add(bias).add(x1.mul(y1)).reinterpretAsInts();
            both = both.add(pairs);
            high = high.add(pairs.lanewise(VectorOperators.LSHR, 16));
            pairs = x.mul(x).add(x1.mul(x1)).reinterpretAsInts();
            aBoth = aBoth.add(pairs);
            aHigh = aHigh.add(pairs.lanewise(VectorOperators.LSHR, 16));
            pairs = y.mul(y).add(y1.mul(y1)).reinterpretAsInts();
            bBoth = bBoth.add(pairs);
            bHigh = bHigh.add(pairs.lanewise(VectorOperators.LSHR, 16));
        }
        int product = sum(both, high) - end / 2 * BIAS;
        int aSquares = sum(aBoth, aHigh);
        int bSquares = sum(bBoth, bHigh);
        for (int i = end; i < end + rest; i++) {
            product += a[aOffset + i] * b[bOffset + i];
            aSquares += a[aOffset + i] * a[aOffset + i];
            bSquares += b[bOffset + i] * b[bOffset + i];
        }
        return ScalarVectors.cosine(product, aSquares, bSquares);
    }

    static float cosine(byte[] a, int aOffset, int aSquares, byte[] b, int bOffset, int length) {
        int end = length - length % (2 * COUNT);
        return end == 0
                ? SCALAR.cosine(a, aOffset, aSquares, b, bOffset, length)
                : cosine(a, aOffset, aSquares, b, bOffset, end, length - end);
    }

    /** Both sums that look at b, from one look at it. */
    private static float cosine(byte[] a, int aOffset, int aSquares, byte[] b, int bOffset, int end, int rest) {
        IntVector both = IntVector.zero(I);
        IntVector high = both;
        IntVector bBoth = both;
        IntVector bHigh = both;
        ShortVector bias = ShortVector.broadcast(S, (short) BIAS);
        for (int i = 0; i < end; i += 2 * COUNT) {
            ShortVector x =
                    (ShortVector) ByteVector.fromArray(B, a, aOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y =
                    (ShortVector) ByteVector.fromArray(B, b, bOffset + i).convertShape(VectorOperators.B2S, S, 0);
            ShortVector x1 = (ShortVector)
                    ByteVector.fromArray(B, a, aOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            ShortVector y1 = (ShortVector)
                    ByteVector.fromArray(B, b, bOffset + i + COUNT).convertShape(VectorOperators.B2S, S, 0);
            IntVector pairs = x.mul(y).add(bias).add(x1.mul(y1)).reinterpretAsInts();
            both = both.add(pairs);
            high = high.add(pairs.lanewise(VectorOperators.LSHR, 16));
            pairs = y.mul(y).add(y1.mul(y1)).reinterpretAsInts();
            bBoth = bBoth.add(pairs);
            bHigh = bHigh.add(pairs.lanewise(VectorOperators.LSHR, 16));
        }
        int product = sum(both, high) - end / 2 * BIAS;
        int bSquares = sum(bBoth, bHigh);
        for (int i = end; i < end + rest; i++) {
            product += a[aOffset + i] * b[bOffset + i];
            bSquares += b[bOffset + i] * b[bOffset + i];
        }
        return ScalarVectors.cosine(product, aSquares, bSquares);
    }
}
