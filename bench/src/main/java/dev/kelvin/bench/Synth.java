// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes a synthetic model: random weights of any type, of the size that keeps activations in range, and a vocabulary
 * of byte tokens and numbered pieces. Its speed and memory are those of a trained model of the same shape; its text is
 * noise, or with {@code --cycle} one that repeats itself. The same arguments give the same file everywhere.
 */
public final class Synth {
    /** Elements that are drawn together: whole blocks of every type. */
    private static final int UNIT = 256;

    /** Units that are encoded for each type and width; each row is a random sequence of them. */
    private static final int POOL_UNITS = 4096;

    /** Encoded units of random numbers. */
    private record Pool(int unitBytes, byte[] bytes) {}

    private record PoolKey(DType type, float halfWidth) {}

    private final Map<PoolKey, Pool> pools = new HashMap<>();
    private final SyntheticShape model;
    private final WeightScheme scheme;

    /** Null for noise. */
    private final TokenCycle cycle;

    private final GgufWriter writer = new GgufWriter();
    private long seed;

    private Synth(SyntheticShape model, WeightScheme scheme, TokenCycle cycle) {
        this.model = model;
        this.scheme = scheme;
        this.cycle = cycle;
    }

    /**
     * The program behind {@code ./dev synth}.
     *
     * @param args {@code --shape SHAPE --type T [--cycle N] OUT.gguf}
     * @throws IOException if the file cannot be written
     */
    public static void main(String[] args) throws IOException {
        SyntheticShape model = null;
        WeightScheme scheme = null;
        Path out = null;
        int cycle = 0;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--shape") && i + 1 < args.length) {
                model = SyntheticShape.named(args[++i]);
                if (model == null) {
                    usage("'" + args[i] + "' is none of " + Arrays.toString(SyntheticShape.values()));
                }
            } else if (args[i].equals("--type") && i + 1 < args.length) {
                scheme = constant(WeightScheme.values(), args[++i]);
            } else if (args[i].equals("--cycle") && i + 1 < args.length) {
                cycle = Integer.parseInt(args[++i]);
            } else if (!args[i].startsWith("-") && out == null) {
                out = Path.of(args[i]);
            } else {
                usage("what is '" + args[i] + "'?");
            }
        }
        if (model == null || scheme == null || out == null) {
            usage("a shape, a type and a file are needed");
        }
        if (cycle != 0 && model.tied()) {
            usage(model + " has no output of its own: its text cannot be chosen");
        }
        new Synth(model, scheme, cycle == 0 ? null : new TokenCycle(cycle, model.vocabSize())).write(out);
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
        System.err.println(
                "usage: ./dev synth --shape S|M|L|qwen3-0.6b|gemma3-1b|mixture|minilm-l6 --type T [--cycle N]"
                        + " OUT.gguf");
        System.exit(2);
    }

    private void write(Path out) throws IOException {
        model.metadata().forEach(writer::metadata);
        writer.metadata("general.file_type", GgufType.UINT32, scheme.fileType())
                .metadata("general.quantization_version", GgufType.UINT32, WeightScheme.QUANTIZATION_VERSION);
        model.vocabulary(writer);
        model.plan().weights().forEach(this::tensor);
        writer.write(out);
    }

    /** Sums over rows of such weights have about the variance of one term. */
    private void tensor(Weight weight) {
        Shape shape = weight.shape();
        float projection = (float) Math.sqrt(3.0 / shape.columns());
        switch (weight.role()) {
            case TABLE -> matrix(weight, 1);
            case PROJECTION -> matrix(weight, projection);
            case BRANCH_END -> matrix(weight, cycle == null ? projection : 0);
            case GAIN -> writer.tensor(weight.name(), shape, (row, values) -> Arrays.fill(values, 1));
            case BIAS -> writer.tensor(weight.name(), shape, (row, values) -> Arrays.fill(values, 0));
        }
    }

    /** A matrix whose rows are random sequences of encoded units: no two rows are alike, and none takes long. */
    private void matrix(Weight weight, float halfWidth) {
        Shape shape = weight.shape();
        DType type = scheme.typeOf(weight.name(), shape, model.layers(), model.tied());
        Pool pool = pools.computeIfAbsent(new PoolKey(type, halfWidth), Synth::pool);
        RowSeeds seeds = seeds(weight);
        writer.tensor(weight.name(), type, shape, out -> {
            byte[] row = new byte[Math.toIntExact(type.byteSize(shape.columns()))];
            for (int n = 0; n < shape.rows(); n++) {
                SplittableRandom random = seeds.of(n);
                for (int at = 0; at < row.length; at += pool.unitBytes) {
                    int from = random.nextInt(POOL_UNITS) * pool.unitBytes;
                    System.arraycopy(pool.bytes, from, row, at, Math.min(pool.unitBytes, row.length - at));
                }
                out.write(row);
            }
        });
    }

    /** What draws the units of each row. */
    private interface RowSeeds {
        SplittableRandom of(int row);
    }

    private RowSeeds seeds(Weight weight) {
        SplittableRandom random = new SplittableRandom(seed++);
        if (cycle != null && weight.role() == Weight.Role.TABLE) {
            return row -> new SplittableRandom(cycle.embedding(row));
        }
        if (cycle != null && weight.name().equals("output.weight")) {
            return row -> new SplittableRandom(cycle.output(row));
        }
        return _ -> random;
    }

    /** The same numbers for every type, so that rows of the same units point the same way. */
    private static Pool pool(PoolKey key) {
        SplittableRandom random = new SplittableRandom(0);
        float[] values = new float[POOL_UNITS * UNIT];
        for (int i = 0; i < values.length; i++) {
            values[i] = (2 * random.nextFloat() - 1) * key.halfWidth;
        }
        byte[] bytes = new byte[Math.toIntExact(key.type.byteSize(values.length))];
        key.type.format().encode(values, 0, bytes, 0, values.length);
        return new Pool(bytes.length / POOL_UNITS, bytes);
    }
}
