// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.head.LogitProjection;
import dev.kelvin.kernel.RopeTable;
import dev.kelvin.nn.Embedding;
import dev.kelvin.nn.GroupedQueryAttention;
import dev.kelvin.nn.KvCache;
import dev.kelvin.nn.Linear;
import dev.kelvin.nn.RmsNorm;
import dev.kelvin.nn.Rope;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.nn.SwiGluFeedForward;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The llama architecture: a pre-normalised decoder with rotary positions, grouped-query attention and SwiGLU.
 *
 * <p>For each of L blocks: x += attention(rmsNorm(x)); x += feedForward(rmsNorm(x)); then the final rmsNorm. The logits
 * are the product with {@code output.weight}, or with the embedding table in files without one.
 *
 * <p>Source: Touvron et al., LLaMA, 2023; the names of keys and tensors are those of ggml's gguf.md.
 */
public final class Llama implements LanguageModel {
    /** The value of {@code general.architecture} in files of this architecture. */
    public static final String ARCHITECTURE = "llama";

    /**
     * Positions computed at once. Enough that the weights' trip from memory is shared by many rows; small enough that
     * the activations of a piece stay in the caches. It does not change the bits.
     */
    static final int PIECE = 256;

    private final ModelConfig config;
    private final Compute compute;
    private final Embedding embedding;
    private final List<Block> blocks;
    private final RmsNorm outputNorm;
    private final LogitProjection head;

    private final RowBuffer residual;
    private final RowBuffer normalised;
    private final RowBuffer update;
    private final GroupedQueryAttention.Scratch attentionScratch;
    private final SwiGluFeedForward.Scratch ffnScratch;

    private record Block(
            RmsNorm attentionNorm, GroupedQueryAttention attention, RmsNorm ffnNorm, SwiGluFeedForward feedForward) {}

    private Llama(
            ModelConfig config,
            Compute compute,
            Embedding embedding,
            List<Block> blocks,
            RmsNorm outputNorm,
            LogitProjection head) {
        this.config = config;
        this.compute = compute;
        this.embedding = embedding;
        this.blocks = blocks;
        this.outputNorm = outputNorm;
        this.head = head;
        this.residual = new RowBuffer(config.dim());
        this.normalised = new RowBuffer(config.dim());
        this.update = new RowBuffer(config.dim());
        this.attentionScratch = new GroupedQueryAttention.Scratch(config.heads(), config.kvHeads(), config.headDim());
        this.ffnScratch = new SwiGluFeedForward.Scratch(config.ffnDim());
    }

    /**
     * Reads the sizes and the weights of a file. Matrices stay in the mapped file, which must remain open as long as
     * the model is used.
     *
     * @param file an open file whose {@code general.architecture} is {@code llama}
     * @param compute runs the model's operations
     * @throws ModelFormatException if a key or tensor is missing, out of range, of another shape or of a type that
     *     cannot be computed, or if the file asks for something that this class does not compute
     */
    public static Llama load(GgufFile file, Compute compute) throws ModelFormatException {
        return load(file, compute, Progress.NONE);
    }

    static Llama load(GgufFile file, Compute compute, Progress progress) throws ModelFormatException {
        Objects.requireNonNull(compute, "compute");
        ModelConfig config = readConfig(file);
        WeightReader weights = new WeightReader(file, compute, progress);
        MappedTensor table = weights.table("token_embd.weight", config.vocabSize(), config.dim());
        double[] frequencies = RopeTable.frequencies(config.ropeDims(), config.ropeBase());
        if (weights.contains("rope_freqs.weight")) {
            float[] factors = readFrequencyFactors(file, weights, config);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factors[i];
            }
        }
        Rope rope = new Rope(compute, RopeTable.Pairing.ADJACENT, config.headDim(), frequencies, 1);
        // The list grows with what was found: a number of blocks that the file does not hold must not allocate.
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(readBlock(weights, "blk." + layer + ".", config, compute, rope));
        }
        RmsNorm outputNorm =
                new RmsNorm(compute, weights.vector("output_norm.weight", config.dim()), config.rmsEpsilon());
        Tensor output = weights.contains("output.weight")
                ? weights.matrix("output.weight", config.vocabSize(), config.dim())
                : weights.factor(table);
        weights.requireAllTaken();
        LogitProjection head = new LogitProjection(compute, output);
        return new Llama(config, compute, new Embedding(table), List.copyOf(blocks), outputNorm, head);
    }

    private static Block readBlock(WeightReader weights, String prefix, ModelConfig config, Compute compute, Rope rope)
            throws ModelFormatException {
        int dim = config.dim();
        int queryDim = config.heads() * config.headDim();
        int kvDim = config.kvHeads() * config.headDim();
        int ffnDim = config.ffnDim();
        RmsNorm attentionNorm =
                new RmsNorm(compute, weights.vector(prefix + "attn_norm.weight", dim), config.rmsEpsilon());
        GroupedQueryAttention attention = new GroupedQueryAttention(
                compute,
                new Linear(compute, weights.matrix(prefix + "attn_q.weight", queryDim, dim)),
                new Linear(compute, weights.matrix(prefix + "attn_k.weight", kvDim, dim)),
                new Linear(compute, weights.matrix(prefix + "attn_v.weight", kvDim, dim)),
                new Linear(compute, weights.matrix(prefix + "attn_output.weight", dim, queryDim)),
                rope,
                config.heads(),
                config.kvHeads(),
                config.headDim());
        RmsNorm ffnNorm = new RmsNorm(compute, weights.vector(prefix + "ffn_norm.weight", dim), config.rmsEpsilon());
        SwiGluFeedForward feedForward = new SwiGluFeedForward(
                compute,
                new Linear(compute, weights.matrix(prefix + "ffn_gate.weight", ffnDim, dim)),
                new Linear(compute, weights.matrix(prefix + "ffn_up.weight", ffnDim, dim)),
                new Linear(compute, weights.matrix(prefix + "ffn_down.weight", dim, ffnDim)));
        return new Block(attentionNorm, attention, ffnNorm, feedForward);
    }

    /** Files with lengthened contexts (Llama 3.1 and later) carry a divisor for each frequency. */
    private static float[] readFrequencyFactors(GgufFile file, WeightReader weights, ModelConfig config)
            throws ModelFormatException {
        HeapTensor tensor = weights.vector("rope_freqs.weight", config.ropeDims() / 2);
        float[] factors = new float[tensor.columns()];
        System.arraycopy(tensor.data(), tensor.offset(), factors, 0, factors.length);
        for (int i = 0; i < factors.length; i++) {
            if (!(factors[i] > 0) || factors[i] == Float.POSITIVE_INFINITY) {
                throw new ModelFormatException(
                        file.path(),
                        "tensor rope_freqs.weight",
                        -1,
                        "positive, finite factors",
                        factors[i] + " at index " + i);
            }
        }
        return factors;
    }

    private static ModelConfig readConfig(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        requireValue(file, "general.architecture", ARCHITECTURE, metadata.string("general.architecture"));
        refuseUnsupported(file);
        int dim = positive(file, "llama.embedding_length");
        int heads = positive(file, "llama.attention.head_count");
        int kvHeads = metadata.contains("llama.attention.head_count_kv")
                ? positive(file, "llama.attention.head_count_kv")
                : heads;
        if (heads % kvHeads != 0) {
            throw defect(file, "llama.attention.head_count_kv", "a divisor of head_count " + heads, kvHeads);
        }
        int headDim;
        if (metadata.contains("llama.attention.key_length")) {
            headDim = positive(file, "llama.attention.key_length");
        } else if (dim % heads == 0) {
            headDim = dim / heads;
        } else {
            throw defect(file, "llama.attention.head_count", "a divisor of embedding_length " + dim, heads);
        }
        if ((long) heads * headDim > Integer.MAX_VALUE) {
            throw defect(file, "llama.attention.key_length", "head_count * key_length below 2^31", headDim);
        }
        int valueDim = metadata.integer("llama.attention.value_length", headDim);
        requireValue(file, "llama.attention.value_length", "the key length " + headDim, headDim, valueDim);
        int ropeDims = metadata.integer("llama.rope.dimension_count", headDim);
        if (ropeDims < 2 || ropeDims % 2 != 0 || ropeDims > headDim) {
            throw defect(
                    file, "llama.rope.dimension_count", "an even number in [2, head width " + headDim + "]", ropeDims);
        }
        float rmsEpsilon = metadata.real("llama.attention.layer_norm_rms_epsilon");
        requirePositive(file, "llama.attention.layer_norm_rms_epsilon", rmsEpsilon);
        float ropeBase = metadata.real("llama.rope.freq_base", 10000f);
        requirePositive(file, "llama.rope.freq_base", ropeBase);
        return new ModelConfig(
                dim,
                positive(file, "llama.feed_forward_length"),
                heads,
                kvHeads,
                headDim,
                positive(file, "llama.block_count"),
                readVocabSize(file),
                positive(file, "llama.context_length"),
                rmsEpsilon,
                ropeBase,
                ropeDims);
    }

    private static int readVocabSize(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        boolean hasTokens = metadata.contains("tokenizer.ggml.tokens");
        if (!metadata.contains("llama.vocab_size")) {
            if (!hasTokens) {
                throw defect(file, "llama.vocab_size", "this key or tokenizer.ggml.tokens", "neither");
            }
            int tokens = metadata.strings("tokenizer.ggml.tokens").length;
            if (tokens == 0) {
                throw defect(file, "tokenizer.ggml.tokens", "at least one token", "none");
            }
            return tokens;
        }
        int vocabSize = positive(file, "llama.vocab_size");
        if (hasTokens) {
            int tokens = metadata.strings("tokenizer.ggml.tokens").length;
            requireValue(file, "llama.vocab_size", "the " + tokens + " of tokenizer.ggml.tokens", tokens, vocabSize);
        }
        return vocabSize;
    }

    /** What would change the result, and is not computed here. */
    private static void refuseUnsupported(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        int experts = metadata.integer("llama.expert_count", 0);
        requireValue(file, "llama.expert_count", "0 (mixtures of experts cannot be computed)", 0, experts);
        if (metadata.contains("llama.rope.scaling.type")) {
            requireValue(file, "llama.rope.scaling.type", "none", metadata.string("llama.rope.scaling.type"));
        } else {
            // Without a type ggml scales linearly by the factor, so the factor alone must say that nothing is scaled.
            for (String key : List.of("llama.rope.scaling.factor", "llama.rope.scale_linear")) {
                float factor = metadata.real(key, 1f);
                if (factor != 1f && factor != 0f) {
                    throw defect(file, key, "1 (scaled positions cannot be computed)", factor);
                }
            }
        }
        if (!metadata.flag("llama.attention.causal", true)) {
            throw defect(file, "llama.attention.causal", "true", false);
        }
        int window = metadata.integer("llama.attention.sliding_window", 0);
        requireValue(file, "llama.attention.sliding_window", "0 (every position is attended)", 0, window);
    }

    private static int positive(GgufFile file, String key) throws ModelFormatException {
        int value = file.metadata().integer(key);
        if (value < 1) {
            throw defect(file, key, "a positive number", value);
        }
        return value;
    }

    private static void requirePositive(GgufFile file, String key, float value) throws ModelFormatException {
        if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
            throw defect(file, key, "a positive, finite number", value);
        }
    }

    private static void requireValue(GgufFile file, String key, String expected, String found)
            throws ModelFormatException {
        if (!found.equals(expected)) {
            throw defect(file, key, expected, found);
        }
    }

    private static void requireValue(GgufFile file, String key, String description, int expected, int found)
            throws ModelFormatException {
        if (found != expected) {
            throw defect(file, key, description, found);
        }
    }

    private static ModelFormatException defect(GgufFile file, String key, String expected, Object found) {
        return new ModelFormatException(file.path(), "key " + key, -1, expected, found.toString());
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public KvCache newCache(int capacity) {
        if (capacity < 1 || capacity > config.contextLength()) {
            throw new IllegalArgumentException("newCache: capacity must be in [1, contextLength = "
                    + config.contextLength() + "], but is " + capacity);
        }
        return new KvCache(config.layers(), config.kvHeads(), capacity, config.headDim());
    }

    @Override
    public LogitProjection head() {
        return head;
    }

    @Override
    public void forward(KvCache cache, int[] tokens, int begin, int end, HeapTensor hidden) {
        embedding.checkTokens(tokens, begin, end);
        int count = end - begin;
        if (hidden.shape().rank() != 2 || hidden.rows() != count || hidden.columns() != config.dim()) {
            throw new IllegalArgumentException(
                    "forward: hidden must be [" + count + ", " + config.dim() + "], but is " + hidden.shape());
        }
        if (cache.layers() != config.layers()
                || cache.kvHeads() != config.kvHeads()
                || cache.headDim() != config.headDim()) {
            throw new IllegalArgumentException("forward: the cache has layers = " + cache.layers() + ", kvHeads = "
                    + cache.kvHeads() + ", headDim = " + cache.headDim() + ", but the model has " + config.layers()
                    + ", " + config.kvHeads() + ", " + config.headDim());
        }
        if (count > cache.remaining()) {
            throw new IllegalArgumentException("forward: " + count + " tokens do not fit; the cache is at position "
                    + cache.position() + " of capacity " + cache.capacity());
        }
        if (count <= PIECE) {
            forwardPiece(cache, tokens, begin, end, hidden);
            return;
        }
        for (int done = 0; done < count; done += PIECE) {
            int rows = Math.min(PIECE, count - done);
            forwardPiece(cache, tokens, begin + done, begin + done + rows, hidden.rowRange(done, done + rows));
        }
    }

    private void forwardPiece(KvCache cache, int[] tokens, int begin, int end, HeapTensor hidden) {
        int rows = end - begin;
        if (rows == 0) {
            return;
        }
        HeapTensor x = residual.rows(rows);
        HeapTensor normed = normalised.rows(rows);
        HeapTensor delta = update.rows(rows);
        embedding.forward(tokens, begin, end, x);
        for (int layer = 0; layer < blocks.size(); layer++) {
            Block block = blocks.get(layer);
            block.attentionNorm().forward(x, normed);
            block.attention().forward(normed, cache, layer, delta, attentionScratch);
            compute.add(x, delta, x);
            block.ffnNorm().forward(x, normed);
            block.feedForward().forward(normed, delta, ffnScratch);
            compute.add(x, delta, x);
        }
        outputNorm.forward(x, hidden);
        cache.advance(rows);
    }
}
