// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Optional;

/**
 * The element type of a tensor, with the layout of its blocks as GGUF files store them.
 *
 * <p>The constants are the types of ggml with their spelling there. That a type is listed says how many bytes it takes,
 * which is what checking and listing a file needs; which types can be computed with is up to the operations.
 *
 * <p>Source: {@code ggml.h} (type ids) and {@code ggml-common.h} (block layouts) of ggml-org/ggml.
 */
public enum DType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17);

    private static final DType[] BY_GGML_ID = new DType[40];

    static {
        for (DType type : values()) {
            BY_GGML_ID[type.ggmlId] = type;
        }
    }

    private final int ggmlId;
    private final int blockSize;
    private final int blockBytes;

    DType(int ggmlId, int blockSize, int blockBytes) {
        this.ggmlId = ggmlId;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The number of this type in GGUF files. */
    public int ggmlId() {
        return ggmlId;
    }

    /** Elements in a block; 1 for the plain types. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes in a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * The type with a number of ggml.
     *
     * @param ggmlId any number, also one that names no type
     * @return the type, empty where ggml has none or has retired it
     */
    public static Optional<DType> ofGgmlId(int ggmlId) {
        return ggmlId < 0 || ggmlId >= BY_GGML_ID.length ? Optional.empty() : Optional.ofNullable(BY_GGML_ID[ggmlId]);
    }

    /**
     * The bytes that a number of elements takes.
     *
     * @param elements a non-negative multiple of the block size
     * @return the number of bytes
     * @throws IllegalArgumentException if the elements do not fill whole blocks
     * @throws ArithmeticException if the bytes do not fit into a long
     */
    public long byteSize(long elements) {
        if (elements < 0 || elements % blockSize != 0) {
            throw new IllegalArgumentException(
                    name() + ": " + elements + " elements are not a multiple of the block size " + blockSize);
        }
        return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    }
}
