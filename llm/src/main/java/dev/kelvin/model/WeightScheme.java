// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which type each tensor of a file gets: one type for all matrices, or a mix under a name of its own.
 *
 * <p>Vectors (gains, biases) are F32 in every scheme, and so is what is not called {@code *.weight}. A matrix whose
 * rows are not whole blocks gets the next larger type that fits: Q4_K becomes Q5_0, Q5_K Q5_1, Q6_K and Q8_K Q8_0, the
 * other types of more than 32 elements IQ4_NL, and where 32 elements do not fit either, F16.
 *
 * <p>Source of the numbers of {@code general.file_type}, of the mix and of the substitutes: llama.cpp ({@code llama.h},
 * {@code llama-quant.cpp}).
 */
public enum WeightScheme {
    F32(0, DType.F32),
    F16(1, DType.F16),
    BF16(32, DType.BF16),
    Q8_0(7, DType.Q8_0),
    Q4_0(2, DType.Q4_0),
    Q4_1(3, DType.Q4_1),
    Q5_0(8, DType.Q5_0),
    Q5_1(9, DType.Q5_1),
    Q2_K(10, DType.Q2_K),
    Q3_K(11, DType.Q3_K),
    Q4_K(14, DType.Q4_K),
    /**
     * Q4_K, but Q6_K for the output and, in the first, the last and every third layer between, values and down; Q5_K
     * for queries, keys and values in one.
     */
    Q4_K_M(15, DType.Q4_K),
    Q5_K(16, DType.Q5_K),
    Q6_K(18, DType.Q6_K),
    /** Never the type of a file of llama.cpp, whose number for "guess" it has. */
    Q8_K(1024, DType.Q8_K),
    IQ4_NL(25, DType.IQ4_NL),
    IQ4_XS(30, DType.IQ4_XS),
    MXFP4(38, DType.MXFP4),
    TQ1_0(36, DType.TQ1_0),
    TQ2_0(37, DType.TQ2_0),
    NVFP4(39, DType.NVFP4),
    Q1_0(40, DType.Q1_0),
    Q2_0(41, DType.Q2_0);

    /** The value of {@code general.quantization_version} that the layouts of the block types belong to. */
    public static final int QUANTIZATION_VERSION = 2;

    private static final Pattern MORE_BITS =
            Pattern.compile("blk\\.(\\d{1,9})\\.(attn_v|ffn_down(_exps|_shexp)?)\\.weight");

    /** What is small and decides much, or what no loader of this format reads in blocks: it stays F32. */
    private static final Pattern KEPT = Pattern.compile(
            "(position_embd|token_types|per_layer_model_proj|blk\\.\\d+\\.(\\w+_norm|ffn_gate_inp|ssm_conv1d|shortconv\\.conv))"
                    + "\\.weight");

    private final int fileType;
    private final DType type;

    WeightScheme(int fileType, DType type) {
        this.fileType = fileType;
        this.type = type;
    }

    /** The value of {@code general.file_type}. */
    public int fileType() {
        return fileType;
    }

    /** The type of most matrices. */
    public DType type() {
        return type;
    }

    /**
     * The type of one tensor.
     *
     * @param name the tensor's name
     * @param shape its extents
     * @param layers the number of layers of its model
     * @param tied whether the model's output is its embedding
     * @return the type
     */
    public DType typeOf(String name, Shape shape, int layers, boolean tied) {
        if (shape.rank() < 2 || !name.endsWith("weight") || KEPT.matcher(name).matches()) {
            return DType.F32;
        }
        DType wanted = type;
        if (this == Q4_K_M) {
            Matcher matcher = MORE_BITS.matcher(name);
            boolean output = name.equals("output.weight") || (tied && name.equals("token_embd.weight"));
            boolean more = matcher.matches() && moreBits(Integer.parseInt(matcher.group(1)), layers);
            wanted = output || more ? DType.Q6_K : name.endsWith(".attn_qkv.weight") ? DType.Q5_K : DType.Q4_K;
        }
        int columns = shape.columns();
        if (columns % wanted.blockSize() != 0) {
            wanted = substitute(wanted);
        }
        return columns % wanted.blockSize() == 0 ? wanted : DType.F16;
    }

    private static boolean moreBits(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    private static DType substitute(DType type) {
        return switch (type) {
            case Q4_K -> DType.Q5_0;
            case Q5_K -> DType.Q5_1;
            case Q6_K, Q8_K -> DType.Q8_0;
            case Q2_K, Q3_K, IQ4_XS, TQ1_0, TQ2_0, NVFP4, Q1_0, Q2_0 -> DType.IQ4_NL;
            default -> DType.F16;
        };
    }
}
