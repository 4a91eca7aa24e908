// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.head.LogitProjection;
import dev.kelvin.kernel.AttentionCall;
import dev.kelvin.kernel.AttentionMask;
import dev.kelvin.kernel.AttentionScores;
import dev.kelvin.nn.Embedding;
import dev.kelvin.nn.KvCache;
import dev.kelvin.nn.Linear;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The GPT-2 architecture: a pre-normalised decoder with LayerNorm, learned positions, multi-head attention, GELU and
 * biases.
 *
 * <p>For each of L blocks: x += attention(layerNorm(x)); x += feedForward(layerNorm(x)); then the final layerNorm. The
 * logits are the product with {@code output.weight}, or with the embedding table in files without one.
 *
 * <p>Source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019; the names of keys and tensors
 * are those of ggml's gguf.md.
 */
public final class Gpt2 implements LanguageModel {
    /** The value of {@code general.architecture} in files of this architecture. */
    public static final String ARCHITECTURE = "gpt2";

    private final ModelConfig config;
    private final Compute compute;
    private final Embedding embedding;
    private final Embedding positions;
    private final List<Block> blocks;
    private final Norm outputNorm;
    private final LogitProjection head;

    private final RowBuffer residual;
    private final RowBuffer normalised;
    private final RowBuffer update;
    private final RowBuffer projected;
    private final RowBuffer queries;
    private final RowBuffer keys;
    private final RowBuffer values;
    private final RowBuffer mixed;
    private final RowBuffer raised;
    private final int[] places = new int[Llama.PIECE];

    private record Norm(HeapTensor weight, HeapTensor bias) {}

    /** y = x·Wᵀ + b. */
    private record Affine(Linear linear, HeapTensor bias) {
        void forward(Compute compute, HeapTensor x, HeapTensor y) {
            linear.forward(x, y);
            compute.training().addBias(y, bias);
        }
    }

    private record Block(Norm attentionNorm, Affine qkv, Affine output, Norm ffnNorm, Affine up, Affine down) {}

    private Gpt2(
            ModelConfig config,
            Compute compute,
            Embedding embedding,
            Embedding positions,
            List<Block> blocks,
            Norm outputNorm,
            LogitProjection head) {
        this.config = config;
        this.compute = compute;
        this.embedding = embedding;
        this.positions = positions;
        this.blocks = blocks;
        this.outputNorm = outputNorm;
        this.head = head;
        int dim = config.dim();
        residual = new RowBuffer(dim);
        normalised = new RowBuffer(dim);
        update = new RowBuffer(dim);
        projected = new RowBuffer(Math.multiplyExact(3, dim));
        queries = new RowBuffer(dim);
        keys = new RowBuffer(dim);
        values = new RowBuffer(dim);
        mixed = new RowBuffer(dim);
        raised = new RowBuffer(config.ffnDim());
    }

    /**
     * Reads the sizes and the weights of a file. Matrices stay in the mapped file, which must remain open as long as
     * the model is used.
     *
     * @param file an open file whose {@code general.architecture} is {@code gpt2}
     * @param compute runs the model's operations
     * @throws ModelFormatException if a key or tensor is missing, out of range, of another shape or of a type that
     *     cannot be computed, or if the file holds tensors that this class does not compute with
     */
    public static Gpt2 load(GgufFile file, Compute compute) throws ModelFormatException {
        return load(file, compute, Progress.NONE);
    }

    static Gpt2 load(GgufFile file, Compute compute, Progress progress) throws ModelFormatException {
        Objects.requireNonNull(compute, "compute");
        ModelConfig config = readConfig(file);
        WeightReader weights = new WeightReader(file, compute, progress);
        int dim = config.dim();
        MappedTensor table = weights.table("token_embd.weight", config.vocabSize(), dim);
        Tensor positions = weights.table("position_embd.weight", config.contextLength(), dim);
        // The list grows with what was found: a number of blocks that the file does not hold must not allocate.
        List<Block> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "blk." + layer + ".";
            blocks.add(new Block(
                    norm(weights, prefix + "attn_norm", dim),
                    affine(weights, compute, prefix + "attn_qkv", Math.multiplyExact(3, dim), dim),
                    affine(weights, compute, prefix + "attn_output", dim, dim),
                    norm(weights, prefix + "ffn_norm", dim),
                    affine(weights, compute, prefix + "ffn_up", config.ffnDim(), dim),
                    affine(weights, compute, prefix + "ffn_down", dim, config.ffnDim())));
        }
        Norm outputNorm = norm(weights, "output_norm", dim);
        Tensor output = weights.contains("output.weight")
                ? weights.matrix("output.weight", config.vocabSize(), dim)
                : weights.factor(table);
        weights.requireAllTaken();
        return new Gpt2(
                config,
                compute,
                new Embedding(table),
                new Embedding(positions),
                List.copyOf(blocks),
                outputNorm,
                new LogitProjection(compute, output));
    }

    private static Norm norm(WeightReader weights, String name, int dim) throws ModelFormatException {
        return new Norm(weights.vector(name + ".weight", dim), weights.vector(name + ".bias", dim));
    }

    private static Affine affine(WeightReader weights, Compute compute, String name, int rows, int columns)
            throws ModelFormatException {
        return new Affine(
                new Linear(compute, weights.matrix(name + ".weight", rows, columns)),
                weights.vector(name + ".bias", rows));
    }

    private static ModelConfig readConfig(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        String architecture = metadata.string("general.architecture");
        if (!architecture.equals(ARCHITECTURE)) {
            throw defect(file, "general.architecture", ARCHITECTURE, architecture);
        }
        int dim = positive(file, "gpt2.embedding_length");
        int heads = positive(file, "gpt2.attention.head_count");
        if (dim % heads != 0 || dim / heads < 2) {
            throw defect(file, "gpt2.attention.head_count", "a divisor of embedding_length " + dim, heads);
        }
        int kvHeads = metadata.integer("gpt2.attention.head_count_kv", heads);
        if (kvHeads != heads) {
            throw defect(file, "gpt2.attention.head_count_kv", "the head_count " + heads, kvHeads);
        }
        float epsilon = metadata.real("gpt2.attention.layer_norm_epsilon");
        if (!(epsilon > 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw defect(file, "gpt2.attention.layer_norm_epsilon", "a positive, finite number", epsilon);
        }
        int vocabSize = metadata.strings("tokenizer.ggml.tokens").length;
        if (vocabSize == 0) {
            throw defect(file, "tokenizer.ggml.tokens", "at least one token", "none");
        }
        int headDim = dim / heads;
        // What would change the result, and is not computed here.
        requireValue(file, "gpt2.attention.key_length", headDim);
        requireValue(file, "gpt2.attention.value_length", headDim);
        requireValue(file, "gpt2.attention.sliding_window", 0);
        requireValue(file, "gpt2.expert_count", 0);
        if (!metadata.flag("gpt2.attention.causal", true)) {
            throw defect(file, "gpt2.attention.causal", "true", false);
        }
        // Positions are learned here: what the config says about rotation is not read.
        return new ModelConfig(
                dim,
                positive(file, "gpt2.feed_forward_length"),
                heads,
                heads,
                headDim,
                positive(file, "gpt2.block_count"),
                vocabSize,
                positive(file, "gpt2.context_length"),
                epsilon,
                10_000,
                headDim - headDim % 2);
    }

    private static int positive(GgufFile file, String key) throws ModelFormatException {
        int value = file.metadata().integer(key);
        if (value < 1) {
            throw defect(file, key, "a positive number", value);
        }
        return value;
    }

    private static void requireValue(GgufFile file, String key, int expected) throws ModelFormatException {
        int value = file.metadata().integer(key, expected);
        if (value != expected) {
            throw defect(file, key, Integer.toString(expected), value);
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
                || cache.headDim() != config.headDim()
                || cache.capacity() > config.contextLength()) {
            throw new IllegalArgumentException("forward: the cache has layers = " + cache.layers() + ", kvHeads = "
                    + cache.kvHeads() + ", headDim = " + cache.headDim() + ", capacity = " + cache.capacity()
                    + ", but the model has " + config.layers() + ", " + config.kvHeads() + ", " + config.headDim()
                    + " and at most " + config.contextLength());
        }
        if (count > cache.remaining()) {
            throw new IllegalArgumentException("forward: " + count + " tokens do not fit; the cache is at position "
                    + cache.position() + " of capacity " + cache.capacity());
        }
        for (int done = 0; done < count; done += Llama.PIECE) {
            int rows = Math.min(Llama.PIECE, count - done);
            HeapTensor part = rows == count ? hidden : hidden.rowRange(done, done + rows);
            forwardPiece(cache, tokens, begin + done, rows, part);
        }
    }

    private void forwardPiece(KvCache cache, int[] tokens, int begin, int rows, HeapTensor hidden) {
        HeapTensor x = residual.rows(rows);
        HeapTensor normed = normalised.rows(rows);
        HeapTensor delta = update.rows(rows);
        HeapTensor up = raised.rows(rows);
        embedding.forward(tokens, begin, begin + rows, x);
        for (int t = 0; t < rows; t++) {
            places[t] = cache.position() + t;
        }
        positions.forward(places, 0, rows, delta);
        compute.add(x, delta, x);
        for (int layer = 0; layer < blocks.size(); layer++) {
            Block block = blocks.get(layer);
            normalise(x, block.attentionNorm(), normed);
            attend(block, normed, cache, layer, delta);
            compute.add(x, delta, x);
            normalise(x, block.ffnNorm(), normed);
            block.up().forward(compute, normed, up);
            compute.training().gelu(up, up);
            block.down().forward(compute, up, delta);
            compute.add(x, delta, x);
        }
        normalise(x, outputNorm, hidden);
        cache.advance(rows);
    }

    private void normalise(HeapTensor x, Norm norm, HeapTensor y) {
        compute.training().layerNorm(x, norm.weight(), norm.bias(), config.rmsEpsilon(), y);
    }

    private void attend(Block block, HeapTensor x, KvCache cache, int layer, HeapTensor y) {
        int rows = x.rows();
        HeapTensor all = projected.rows(rows);
        HeapTensor q = queries.rows(rows);
        HeapTensor k = keys.rows(rows);
        HeapTensor v = values.rows(rows);
        HeapTensor out = mixed.rows(rows);
        block.qkv().forward(compute, x, all);
        copyColumns(all, 0, q);
        copyColumns(all, 1, k);
        copyColumns(all, 2, v);
        KvRows stored = cache.rows(layer, rows);
        compute.storeKeysAndValues(k, v, stored);
        float scale = (float) (1 / Math.sqrt(config.headDim()));
        compute.attention(new AttentionCall(
                q, stored, out, config.heads(), scale, AttentionMask.causal(), AttentionScores.PLAIN));
        block.output().forward(compute, out, y);
    }

    /** One of the three parts of each row. */
    private static void copyColumns(HeapTensor from, int part, HeapTensor to) {
        int dim = to.columns();
        for (int t = 0; t < to.rows(); t++) {
            int at = from.offset() + t * from.columns() + part * dim;
            System.arraycopy(from.data(), at, to.data(), to.offset() + t * dim, dim);
        }
    }
}
