// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The element type of a tensor, with the layout of its blocks as GGUF files store them.
 *
 * <p>The constants are the types of ggml with their spelling there. That a type is listed says how many bytes it takes,
 * which is what checking and listing a file needs; those that can be computed with have a {@link BlockFormat}.
 *
 * <p>Source: {@code ggml.h} (type ids) and {@code ggml-common.h} (block layouts) of ggml-org/ggml.
 */
public enum DType {
    F32(0, new F32Format()),
    F16(1, new F16Format()),
    Q4_0(2, new Q4_0Format()),
    Q4_1(3, new Q4_1Format()),
    Q5_0(6, new Q5_0Format()),
    Q5_1(7, new Q5_1Format()),
    Q8_0(8, new Q8_0Format()),
    Q8_1(9, 32, 36),
    Q2_K(10, new Q2_KFormat()),
    Q3_K(11, new Q3_KFormat()),
    Q4_K(12, new Q4_KFormat()),
    Q5_K(13, new Q5_KFormat()),
    Q6_K(14, new Q6_KFormat()),
    Q8_K(15, new Q8_KFormat()),
    IQ2_XXS(16, new IQ2_XXSFormat()),
    IQ2_XS(17, new IQ2_XSFormat()),
    IQ3_XXS(18, new IQ3_XXSFormat()),
    IQ1_S(19, new IQ1_SFormat()),
    IQ4_NL(20, new IQ4_NLFormat()),
    IQ3_S(21, new IQ3_SFormat()),
    IQ2_S(22, new IQ2_SFormat()),
    IQ4_XS(23, new IQ4_XSFormat()),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, new IQ1_MFormat()),
    BF16(30, new BF16Format()),
    TQ1_0(34, new TQ1_0Format()),
    TQ2_0(35, new TQ2_0Format()),
    MXFP4(39, new MXFP4Format()),
    NVFP4(40, new NVFP4Format()),
    Q1_0(41, new Q1_0Format()),
    Q2_0(42, new Q2_0Format());

    private static final DType[] BY_GGML_ID = new DType[43];

    static {
        for (DType type : values()) {
            BY_GGML_ID[type.ggmlId] = type;
        }
    }

    private final int ggmlId;
    private final int blockSize;
    private final int blockBytes;

    @SuppressWarnings("ImmutableEnumChecker") // formats have no state
    private final BlockFormat format;

    DType(int ggmlId, BlockFormat format) {
        this(ggmlId, format.blockSize(), format.blockBytes(), format);
    }

    DType(int ggmlId, int blockSize, int blockBytes) {
        this(ggmlId, blockSize, blockBytes, null);
    }

    DType(int ggmlId, int blockSize, int blockBytes, BlockFormat format) {
        this.ggmlId = ggmlId;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.format = format;
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

    /** Whether numbers of this type can be read, and so computed with; the others are only known by their size. */
    public boolean isDecodable() {
        return format != null;
    }

    /** Whether numbers can be written in this type: it can be decoded, and its format says how to encode. */
    public boolean isEncodable() {
        return format != null && format.isEncodable();
    }

    /**
     * How blocks of this type are decoded.
     *
     * @return the format
     * @throws IllegalArgumentException if the type is not {@linkplain #isDecodable() decodable}
     */
    public BlockFormat format() {
        if (format == null) {
            throw new IllegalArgumentException(name() + ": numbers of this type cannot be read, only " + decodable());
        }
        return format;
    }

    /** The types that can be decoded, for messages: {@code F32, F16, ...}. */
    public static String decodable() {
        return Arrays.stream(values())
                .filter(DType::isDecodable)
                .map(DType::name)
                .collect(Collectors.joining(", "));
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
