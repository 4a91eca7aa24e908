// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.RefusalCost;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files whose structure is sound and whose contents are not: each key of each architecture with values that make no
 * sense, each tensor missing or of another shape. What can be made of it computes finite numbers; the rest ends in a
 * {@link ModelFormatException}, soon and in little memory.
 */
class HostileMetadataIT {
    /** For what is computed with; what is refused has less. */
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final List<Integer> INTEGERS =
            List.of(0, -1, 1, 2, 3, 7, 255, 65_536, 1 << 24, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE);
    private static final List<Object> OTHERS = List.of(
            (1L << 31),
            0xffff_ffffL,
            (1L << 32) + 1,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            BigInteger.TWO.pow(64).subtract(BigInteger.ONE),
            0f,
            -0f,
            -1f,
            Float.MIN_VALUE,
            1e30f,
            Float.MAX_VALUE,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            1e300,
            true,
            false,
            "",
            "x",
            "\u0000\ud800",
            new int[0],
            new int[] {-1},
            new int[] {0, 1},
            new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE},
            new float[] {Float.NaN},
            new String[0],
            new String[] {"x"},
            new boolean[] {true},
            new Object[] {new Object[] {new int[] {1}}});

    private static final Map<String, Object> LATENT = Map.of(
            "attention.q_lora_rank",
            7,
            "attention.temperature_scale",
            0.3f,
            "attention.temperature_length",
            8,
            "rope.scaling.type",
            "yarn",
            "rope.scaling.factor",
            4f,
            "rope.scaling.original_context_length",
            16,
            "rope.scaling.yarn_log_multiplier",
            0.1f);
    private static final Map<String, Object> LATENT_MIXTURE = Map.of(
            "expert_count",
            6,
            "expert_used_count",
            3,
            "expert_feed_forward_length",
            12,
            "expert_shared_count",
            2,
            "leading_dense_block_count",
            1);

    /** With {@code -Dkelvin.families=all} also those whose keys others have too: it takes twice the time. */
    private static final boolean ALL = "all".equals(System.getProperty("kelvin.families"));

    private final List<String> faults = new ArrayList<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private long mostAllocated;
    private long longest;
    private long longestRefusal;

    /** For models of families that the files which others wrote have not. */
    @TempDir
    static Path written;

    static Stream<Path> models() throws IOException {
        List<Path> models = new ArrayList<>();
        try (Stream<Path> files = Files.list(SharedData.require("architectures"))) {
            files.filter(file -> file.toString().endsWith(".gguf")).sorted().forEach(models::add);
        }
        Map<String, NaiveModel> more = new TreeMap<>();
        Set<String> families = ALL ? NaiveFamilies.names() : Set.of("hunyuan-dense");
        for (String family : families) {
            more.put(family, new NaiveTransformer(family, 5));
        }
        models.forEach(file -> more.remove(file.getFileName().toString().replace(".gguf", "")));
        more.put("deepseek2", new NaiveLatent(LATENT, true, 28));
        more.put("deepseek2-mixture", new NaiveLatent(LATENT_MIXTURE, false, 29));
        for (Map.Entry<String, NaiveModel> each : more.entrySet()) {
            each.getValue().tensors.values().forEach(tensor -> halve(tensor.data()));
            Path path = written.resolve(each.getKey() + ".gguf");
            each.getValue().write(path);
            models.add(path);
        }
        return models.stream();
    }

    /** Leaves what is a number in either half, whatever type that is taken for. */
    private static void halve(float[] weights) {
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Float.intBitsToFloat(Float.floatToRawIntBits(weights[i]) & 0xffff_0000);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void metadataWithoutSense(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path);
                Compute compute = Compute.serial()) {
            attempt(new EditedFile(file, file.metadata().asMap()), compute, "the sound file");
            assertEquals(Map.of("computed", 1), outcomes);
            Map<String, Object> sound = file.metadata().asMap();
            for (String key : sound.keySet()) {
                Map<String, Object> without = new LinkedHashMap<>(sound);
                without.remove(key);
                attempt(new EditedFile(file, without), compute, key + " is missing");
                for (Object value : hostile(sound.get(key))) {
                    Map<String, Object> edited = new LinkedHashMap<>(sound);
                    edited.put(key, value);
                    attempt(new EditedFile(file, edited), compute, key + " is " + shown(value));
                }
            }
        }
        report(path);
    }

    @ParameterizedTest
    @MethodSource("models")
    void tensorsThatDoNotFit(Path path) throws IOException {
        try (GgufFile file = GgufFile.open(path);
                Compute compute = Compute.serial()) {
            for (TensorInfo info : file.tensors()) {
                attempt(without(file, info, List.of()), compute, info.name() + " is missing");
                for (TensorInfo other : others(info)) {
                    String what = info.name() + " is " + other.dtype() + " " + other.shape();
                    attempt(without(file, info, List.of(other)), compute, what);
                }
            }
        }
        report(path);
    }

    private static EditedFile without(ModelFile file, TensorInfo info, List<TensorInfo> instead) {
        List<TensorInfo> tensors = new ArrayList<>(file.tensors());
        tensors.remove(info);
        tensors.addAll(instead);
        return new EditedFile(file, file.metadata(), tensors);
    }

    /** The tensor with other extents and types, all within its own bytes. */
    private static List<TensorInfo> others(TensorInfo info) {
        List<TensorInfo> others = new ArrayList<>();
        int[] dims = info.shape().dims();
        for (int i = 0; i < dims.length; i++) {
            for (int dim : new int[] {0, 1, dims[i] - info.dtype().blockSize(), dims[i] / 2}) {
                int[] changed = dims.clone();
                changed[i] = Math.max(0, dim);
                others.add(shaped(info, info.dtype(), changed));
            }
        }
        int[] turned = dims.clone();
        for (int i = 0; i < dims.length; i++) {
            turned[i] = dims[dims.length - 1 - i];
        }
        others.add(shaped(info, info.dtype(), turned));
        others.add(shaped(info, info.dtype(), (int) info.shape().elements()));
        others.add(shaped(info, info.dtype()));
        if (info.dtype() == DType.F32) {
            for (DType dtype : List.of(DType.F16, DType.BF16, DType.I8, DType.I16, DType.I32)) {
                others.add(shaped(info, dtype, dims));
            }
        }
        others.removeIf(
                other -> other == null || (other.shape().equals(info.shape()) && other.dtype() == info.dtype()));
        return others;
    }

    /** Null where rows are not whole blocks. */
    private static TensorInfo shaped(TensorInfo info, DType dtype, int... dims) {
        Shape shape = Shape.of(dims);
        return shape.columns() % dtype.blockSize() != 0
                ? null
                : new TensorInfo(
                        info.path(), info.name(), dtype, shape, info.byteOffset(), dtype.byteSize(shape.elements()));
    }

    private static List<Object> hostile(Object value) {
        List<Object> all = new ArrayList<>(INTEGERS);
        all.addAll(OTHERS);
        if (value instanceof Number number && !(value instanceof Float)) {
            all.add(number.longValue() + 1);
            all.add(number.longValue() - 1);
            all.add(number.longValue() * 2);
        } else if (value instanceof String[] texts) {
            all.add(Arrays.copyOf(texts, texts.length - 1));
            String[] more = Arrays.copyOf(texts, texts.length + 1);
            more[texts.length] = "more";
            all.add(more);
            String[] same = texts.clone();
            Arrays.fill(same, texts[0]);
            all.add(same);
            String[] empty = texts.clone();
            Arrays.fill(empty, "");
            all.add(empty);
            String[] unknown = texts.clone();
            Arrays.fill(unknown, "neither known");
            all.add(unknown);
        } else if (value instanceof float[] numbers) {
            all.add(Arrays.copyOf(numbers, numbers.length - 1));
            for (float number : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
                float[] same = numbers.clone();
                Arrays.fill(same, number);
                all.add(same);
            }
        } else if (value instanceof int[] numbers) {
            all.add(Arrays.copyOf(numbers, numbers.length - 1));
            for (int number : new int[] {-1, 0, 1, 2, 3, 4, 5, 6, 7, Integer.MAX_VALUE}) {
                int[] same = numbers.clone();
                Arrays.fill(same, number);
                all.add(same);
            }
        }
        return all;
    }

    private static String shown(Object value) {
        return value.getClass().isArray()
                ? value.getClass().getSimpleName()
                : value + " " + value.getClass().getSimpleName();
    }

    private void attempt(EditedFile file, Compute compute, String what) throws IOException {
        String[] outcome = new String[1];
        RefusalCost.Cost cost = RefusalCost.of(() -> outcome[0] = outcome(file, compute, what));
        boolean refused = outcome[0].equals("refused");
        if (refused && !cost.isPromised()) {
            cost = RefusalCost.leastOf(() -> outcome(file, compute, what));
        }
        outcomes.merge(outcome[0], 1, Integer::sum);
        mostAllocated = Math.max(mostAllocated, cost.bytes());
        longest = Math.max(longest, cost.nanos());
        longestRefusal = Math.max(longestRefusal, refused ? cost.nanos() : 0);
        if (outcome[0].equals("not finite")) {
            faults.add(what + ": not finite");
        }
        boolean within = refused ? cost.passes() : cost.bytes() <= RefusalCost.MOST_BYTES && cost.nanos() <= MOST_NANOS;
        if (!within) {
            faults.add(what + ": " + outcome[0] + " with " + cost);
        }
    }

    /** Loads what is there and computes with it. */
    private String outcome(EditedFile file, Compute compute, String what) {
        try {
            Decoder model = LanguageModels.load(file, compute);
            if (file.original().metadata().contains("tokenizer.ggml.model")) {
                Tokenizer tokenizer = Tokenizers.of(file);
                int[] ids = tokenizer.encode("a b\u00e4 <x>", true);
                tokenizer.decode(ids);
            }
            return compute(model) ? "computed" : "not finite";
        } catch (ModelFormatException e) {
            if (e.getMessage().contains("\n")) {
                faults.add(what + ": more than one line");
            }
            return "refused";
        } catch (RuntimeException | Error e) {
            StackTraceElement[] trace = e.getStackTrace();
            faults.add(what + ": " + e + " at " + Arrays.asList(trace).subList(0, Math.min(5, trace.length)));
            return "fault";
        }
    }

    /** Whether three positions are finite. */
    private static boolean compute(Decoder model) {
        int vocabSize = model.plan().sizes().vocabSize();
        int count = Math.min(3, model.plan().sizes().contextLength());
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> (i * 7 + 1) % vocabSize);
        HeapTensor hidden = HeapTensor.zeros(count, model.plan().sizes().dim());
        try (Sequence sequence = model.newPool().newSequence()) {
            model.append(sequence, ids, 0, count, hidden);
        }
        for (float value : hidden.data()) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private void report(Path path) {
        System.out.printf(
                "%s: %s, at most %,d KB and %d ms, refused in %d%n",
                path.getFileName(), outcomes, mostAllocated >> 10, longest / 1_000_000, longestRefusal / 1_000_000);
        assertTrue(faults.isEmpty(), () -> faults.size() + " faults of " + path + ":\n" + String.join("\n", faults));
        assertTrue(outcomes.get("refused") > 100, () -> outcomes.toString());
    }
}
