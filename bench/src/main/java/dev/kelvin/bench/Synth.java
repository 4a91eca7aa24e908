// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Writes a synthetic model of the llama architecture: random weights of any type, of the size that keeps activations in
 * range, and a vocabulary of byte tokens and numbered pieces. Its speed and memory are those of a trained model of the
 * same shape; its text is noise. The same shape and type give the same file everywhere.
 */
public final class Synth {
    /** The shapes that figures are quoted for. */
    enum Preset {
        /** GPT-2 small's proportions. */
        S(768, 12, 12, 12, 2048, 32000, 2048, false, 10000),
        /** TinyLlama-1.1B. */
        M(2048, 22, 32, 4, 5632, 32000, 2048, false, 10000),
        /** Llama-3.2-1B. */
        L(2048, 16, 32, 8, 8192, 128256, 8192, true, 500000);

        final int dim;
        final int layers;
        final int heads;
        final int kvHeads;
        final int ffnDim;
        final int vocabSize;
        final int contextLength;
        final boolean tied;
        final float ropeBase;

        Preset(
                int dim,
                int layers,
                int heads,
                int kvHeads,
                int ffnDim,
                int vocabSize,
                int contextLength,
                boolean tied,
                float ropeBase) {
            this.dim = dim;
            this.layers = layers;
            this.heads = heads;
            this.kvHeads = kvHeads;
            this.ffnDim = ffnDim;
            this.vocabSize = vocabSize;
            this.contextLength = contextLength;
            this.tied = tied;
            this.ropeBase = ropeBase;
        }
    }

    private static final String ARCHITECTURE = "llama";

    private static final int BYTE_TOKENS = 3;

    /** Elements that are drawn together: whole blocks of every type, and a divisor of every preset's sizes. */
    private static final int UNIT = 256;

    /** Units that are encoded for each type and width; each row is a random sequence of them. */
    private static final int POOL_UNITS = 4096;

    /** Encoded units of random numbers. */
    private record Pool(int unitBytes, byte[] bytes) {}

    private record PoolKey(DType type, float halfWidth) {}

    private final Map<PoolKey, Pool> pools = new HashMap<>();
    private final Preset preset;
    private final WeightScheme scheme;
    private final GgufWriter writer = new GgufWriter();
    private long seed;

    private Synth(Preset preset, WeightScheme scheme) {
        this.preset = preset;
        this.scheme = scheme;
    }

    /**
     * The program behind {@code ./dev synth}.
     *
     * @param args {@code --shape S|M|L --type T OUT.gguf}
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        Preset preset = null;
        WeightScheme scheme = null;
        Path out = null;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--shape") && i + 1 < args.length) {
                preset = constant(Preset.values(), args[++i]);
            } else if (args[i].equals("--type") && i + 1 < args.length) {
                scheme = constant(WeightScheme.values(), args[++i]);
            } else if (!args[i].startsWith("-") && out == null) {
                out = Path.of(args[i]);
            } else {
                usage("what is '" + args[i] + "'?");
            }
        }
        if (preset == null || scheme == null || out == null) {
            usage("a shape, a type and a file are needed");
        }
        new Synth(preset, scheme).write(out);
        System.err.println("synth: wrote " + out);
    }

    private static <T extends Enum<T>> T constant(T[] constants, String name) {
        for (T constant : constants) {
            if (constant.name().equals(name.toUpperCase(Locale.ROOT))) {
                return constant;
            }
        }
        usage("'" + name + "' is none of " + Arrays.toString(constants));
        return null;
    }

    private static void usage(String mistake) {
        System.err.println("synth: " + mistake);
        System.err.println("usage: ./dev synth --shape S|M|L --type T OUT.gguf");
        System.exit(2);
    }

    private void write(Path out) throws IOException {
        Map<String, Object> metadata = metadata();
        DecoderPlan plan = LanguageModels.plan(metadata, preset.tied ? Set.of() : Set.of("output.weight"));
        writer.metadata("general.architecture", metadata.remove("general.architecture"))
                .metadata("general.name", "synthetic " + preset.name());
        metadata.forEach(writer::metadata);
        writer.metadata("general.file_type", GgufType.UINT32, scheme.fileType())
                .metadata("general.quantization_version", GgufType.UINT32, WeightScheme.QUANTIZATION_VERSION);
        vocabulary();
        plan.weights().forEach(this::tensor);
        writer.write(out);
    }

    private Map<String, Object> metadata() {
        DecoderShape shape = new DecoderShape(
                ARCHITECTURE,
                preset.vocabSize,
                preset.contextLength,
                preset.dim,
                preset.ffnDim,
                preset.heads,
                preset.kvHeads,
                preset.layers,
                preset.tied);
        Map<String, Object> metadata = shape.metadata();
        metadata.put(ARCHITECTURE + ".rope.freq_base", preset.ropeBase);
        return metadata;
    }

    /** Sums over rows of such weights have about the variance of one term. */
    private void tensor(Weight weight) {
        Shape shape = weight.shape();
        switch (weight.role()) {
            case TABLE -> matrix(weight.name(), shape, 1);
            case PROJECTION, BRANCH_END -> matrix(weight.name(), shape, (float) Math.sqrt(3.0 / shape.columns()));
            case GAIN -> writer.tensor(weight.name(), shape, (row, values) -> Arrays.fill(values, 1));
            case BIAS -> writer.tensor(weight.name(), shape, (row, values) -> Arrays.fill(values, 0));
        }
    }

    private void vocabulary() {
        String[] pieces = new String[preset.vocabSize];
        float[] scores = new float[preset.vocabSize];
        int[] types = new int[preset.vocabSize];
        for (int id = 0; id < preset.vocabSize; id++) {
            if (id < BYTE_TOKENS) {
                pieces[id] = new String[] {"<unk>", "<s>", "</s>"}[id];
                types[id] = id == 0 ? 2 : 3;
            } else if (id < BYTE_TOKENS + 256) {
                pieces[id] = String.format("<0x%02X>", id - BYTE_TOKENS);
                types[id] = 6;
            } else {
                pieces[id] = "\u2581w" + id;
                types[id] = 1;
                scores[id] = -id;
            }
        }
        writer.metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", pieces)
                .metadata("tokenizer.ggml.scores", scores)
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.ggml.bos_token_id", 1)
                .metadata("tokenizer.ggml.eos_token_id", 2)
                .metadata("tokenizer.ggml.unknown_token_id", 0);
    }

    /** A matrix whose rows are random sequences of encoded units: no two rows are alike, and none takes long. */
    private void matrix(String name, Shape shape, float halfWidth) {
        SplittableRandom random = new SplittableRandom(seed++);
        DType type = scheme.typeOf(name, shape, preset.layers, preset.tied);
        Pool pool = pools.computeIfAbsent(new PoolKey(type, halfWidth), Synth::pool);
        writer.tensor(name, type, shape, out -> {
            byte[] row = new byte[Math.toIntExact(type.byteSize(shape.columns()))];
            for (int n = 0; n < shape.rows(); n++) {
                for (int at = 0; at < row.length; at += pool.unitBytes) {
                    int from = random.nextInt(POOL_UNITS) * pool.unitBytes;
                    System.arraycopy(pool.bytes, from, row, at, pool.unitBytes);
                }
                out.write(row);
            }
        });
    }

    private static Pool pool(PoolKey key) {
        SplittableRandom random = new SplittableRandom(key.type.ggmlId());
        float[] values = new float[POOL_UNITS * UNIT];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * key.halfWidth;
        }
        byte[] bytes = new byte[Math.toIntExact(key.type.byteSize(values.length))];
        key.type.format().encode(values, 0, bytes, 0, values.length);
        return new Pool(bytes.length / POOL_UNITS, bytes);
    }
}
