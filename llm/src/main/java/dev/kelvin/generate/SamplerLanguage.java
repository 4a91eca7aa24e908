// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.Categorical;
import dev.kelvin.head.CustomSampler;
import dev.kelvin.head.Dry;
import dev.kelvin.head.DynamicTemperature;
import dev.kelvin.head.Greedy;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Mirostat1;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.SequenceBreakers;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TokenMask;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopNSigma;
import dev.kelvin.head.TopP;
import dev.kelvin.head.Typical;
import dev.kelvin.head.Xtc;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Samplers as one argument: {@code top-k=40,top-p=0.95,temperature=0.8}. Stages stand in their order, apart by commas;
 * the parameters of a stage by colons, those at the end may be left out where the table of names gives a default.
 */
public final class SamplerLanguage {
    /** All stages, for the help of whoever takes a specification. */
    public static final String STAGES =
            "temperature=T, dynamic-temperature=T:RANGE[:EXPONENT], top-k=K, top-p=P, min-p=P, "
                    + "typical=P, top-n-sigma=N, xtc=CHANCE[:THRESHOLD], mirostat=BITS[:RATE], mirostat-1=BITS[:RATE], "
                    + "penalties=LAST:REPETITION[:FREQUENCY[:PRESENCE]], dry=MULTIPLIER[:BASE[:ALLOWED[:LAST]]], "
                    + "logit-bias=ID:BIAS[:ID:BIAS...], mask=ID[:ID...], greedy, categorical";

    /** The texts that end a repetition for {@code dry}: every token that holds one is a breaker, as in llama.cpp. */
    private static final List<String> DRY_BREAKERS = List.of("\n", ":", "\"", "*");

    private SamplerLanguage() {}

    /**
     * Reads a specification.
     *
     * @throws IllegalArgumentException if a stage is unknown or a parameter is out of range; it says which
     */
    public static SamplerChain parse(String text) {
        List<Sampler> samplers = new ArrayList<>();
        for (String stage : text.split(",", -1)) {
            samplers.add(sampler(stage.strip()));
        }
        return new SamplerChain(samplers);
    }

    private static Sampler sampler(String stage) {
        int equals = stage.indexOf('=');
        String name = equals < 0 ? stage : stage.substring(0, equals).strip();
        Parameters p = new Parameters(
                stage, equals < 0 ? new String[0] : stage.substring(equals + 1).split(":", -1));
        Sampler sampler =
                switch (name) {
                    case "temperature" -> new Temperature(p.real());
                    case "dynamic-temperature" -> new DynamicTemperature(p.real(), p.real(), p.real(1));
                    case "top-k" -> new TopK(p.whole());
                    case "top-p" -> new TopP(p.real());
                    case "min-p" -> new MinP(p.real());
                    case "typical" -> new Typical(p.real());
                    case "top-n-sigma" -> new TopNSigma(p.real());
                    case "xtc" -> new Xtc(p.real(), p.real(0.1f));
                    case "mirostat" -> new Mirostat(p.real(), p.real(0.1f));
                    case "mirostat-1" -> new Mirostat1(p.real(), p.real(0.1f));
                    case "penalties" -> new Penalties(p.whole(), p.real(), p.real(0), p.real(0));
                    case "dry" -> new Dry(p.real(), p.real(1.75f), p.whole(2), p.whole(-1), SequenceBreakers.NONE);
                    case "logit-bias" -> logitBias(p);
                    case "mask" -> mask(p);
                    case "greedy" -> new Greedy();
                    case "categorical" -> new Categorical();
                    default ->
                        throw new IllegalArgumentException("no sampler is called '" + name + "'; there are "
                                + STAGES.replaceAll("[=\\[][^, ]*", ""));
                };
        p.end();
        return sampler;
    }

    private static LogitBias logitBias(Parameters p) {
        List<LogitBias.Entry> entries = new ArrayList<>();
        do {
            entries.add(new LogitBias.Entry(p.whole(), p.real()));
        } while (p.more());
        return new LogitBias(entries);
    }

    private static TokenMask mask(Parameters p) {
        BitSet allowed = new BitSet();
        do {
            int id = p.whole();
            if (id < 0) {
                throw new IllegalArgumentException("'" + p.stage + "': id " + id + " is negative");
            }
            allowed.set(id);
        } while (p.more());
        return new TokenMask(allowed);
    }

    /** A stage as it is written in a specification, with all of its parameters. */
    public static String text(Sampler sampler) {
        return switch (sampler) {
            case Temperature s -> "temperature=" + join(s.value());
            case DynamicTemperature s -> "dynamic-temperature=" + join(s.value(), s.range(), s.exponent());
            case TopK s -> "top-k=" + s.k();
            case TopP s -> "top-p=" + join(s.p());
            case MinP s -> "min-p=" + join(s.p());
            case Typical s -> "typical=" + join(s.p());
            case TopNSigma s -> "top-n-sigma=" + join(s.n());
            case Xtc s -> "xtc=" + join(s.probability(), s.threshold());
            case Mirostat s -> "mirostat=" + join(s.target(), s.rate());
            case Mirostat1 s -> "mirostat-1=" + join(s.target(), s.rate());
            case Penalties s -> "penalties=" + s.lastN() + ":" + join(s.repetition(), s.frequency(), s.presence());
            case Dry s -> "dry=" + join(s.multiplier(), s.base()) + ":" + s.allowedLength() + ":" + s.lastN();
            case LogitBias s ->
                s.entries().stream()
                        .map(entry -> entry.id() + ":" + join(entry.bias()))
                        .collect(Collectors.joining(":", "logit-bias=", ""));
            case TokenMask s ->
                s.allowed().stream().mapToObj(Integer::toString).collect(Collectors.joining(":", "mask=", ""));
            case CustomSampler s -> s.toString();
            case Greedy s -> "greedy";
            case Categorical s -> "categorical";
        };
    }

    /** A chain as it is written. */
    public static String text(SamplerChain chain) {
        return chain.samplers().stream().map(SamplerLanguage::text).collect(Collectors.joining(","));
    }

    private static String join(float... values) {
        StringBuilder text = new StringBuilder();
        for (float value : values) {
            text.append(text.isEmpty() ? "" : ":").append(shortest(value));
        }
        return text.toString();
    }

    /** The largest id that a chain names; −1 if it names none. */
    public static int largestId(SamplerChain chain) {
        int largest = -1;
        for (Sampler sampler : chain.samplers()) {
            int id =
                    switch (sampler) {
                        case LogitBias bias ->
                            bias.entries().stream()
                                    .mapToInt(LogitBias.Entry::id)
                                    .max()
                                    .orElse(-1);
                        case TokenMask mask -> mask.allowed().length() - 1;
                        default -> -1;
                    };
            largest = Math.max(largest, id);
        }
        return largest;
    }

    /** The chain with the breakers of its {@code dry} stages, which depend on the vocabulary. */
    public static SamplerChain withBreakers(SamplerChain chain, Tokenizer tokenizer) {
        if (chain.samplers().stream().noneMatch(Dry.class::isInstance)) {
            return chain;
        }
        List<List<Integer>> breakers = new ArrayList<>();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            String text = OpenModel.tokenText(tokenizer, id);
            if (DRY_BREAKERS.stream().anyMatch(text::contains)) {
                breakers.add(List.of(id));
            }
        }
        SequenceBreakers found = SequenceBreakers.of(breakers);
        List<Sampler> samplers = new ArrayList<>();
        for (Sampler sampler : chain.samplers()) {
            samplers.add(
                    sampler instanceof Dry dry
                            ? new Dry(dry.multiplier(), dry.base(), dry.allowedLength(), dry.lastN(), found)
                            : sampler);
        }
        return new SamplerChain(samplers);
    }

    /**
     * A number as people write it: any float, {@code inf} or {@code ∞}. What would silently become another number is
     * refused: a value that rounds to 0 or to infinity would turn a temperature into one of its limits.
     *
     * @throws IllegalArgumentException if it is none, or beyond float
     */
    public static float number(String text) {
        String number = text.strip().toLowerCase(Locale.ROOT);
        switch (number) {
            case "inf", "+inf", "infinity", "+infinity", "∞", "+∞" -> {
                return Float.POSITIVE_INFINITY;
            }
            case "-inf", "-infinity", "-∞" -> {
                return Float.NEGATIVE_INFINITY;
            }
            case "nan" -> {
                return Float.NaN;
            }
            default -> {}
        }
        double exact;
        float value;
        try {
            if (number.endsWith("f") || number.endsWith("d")) { // Java's suffixes of literals, which parseFloat accepts
                throw new NumberFormatException(number);
            }
            exact = Double.parseDouble(number);
            value = Float.parseFloat(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text.strip() + "' is not a number", e);
        }
        if (Float.isInfinite(value)) {
            throw new IllegalArgumentException(
                    "'" + text.strip() + "' is beyond float32 (3.4e38); write inf for infinity");
        }
        if (value == 0 && (exact != 0 || number.matches("[^e]*[1-9][^e]*(e.*)?"))) {
            throw new IllegalArgumentException("'" + text.strip() + "' is below float32 (1.4e-45); write 0 for zero");
        }
        return value;
    }

    /**
     * The shortest decimal that is read back as the same float, whole numbers without a fraction: {@code 0.2},
     * {@code 10}.
     */
    public static String shortest(float value) {
        if (Float.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String text = Float.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** The parameters of one stage, read one after the other. */
    private static final class Parameters {
        private final String stage;
        private final String[] texts;
        private int next;

        Parameters(String stage, String[] texts) {
            this.stage = stage;
            this.texts = texts;
        }

        boolean more() {
            return next < texts.length;
        }

        private String text() {
            if (!more()) {
                throw new IllegalArgumentException("'" + stage + "' lacks a value");
            }
            return texts[next++];
        }

        float real() {
            return number(text()) + 0.0f; // -0 becomes 0
        }

        float real(float standard) {
            return more() ? real() : standard;
        }

        int whole() {
            String text = text().strip();
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + stage + "': '" + text + "' is not a whole number", e);
            }
        }

        int whole(int standard) {
            return more() ? whole() : standard;
        }

        void end() {
            if (more()) {
                throw new IllegalArgumentException(
                        "'" + stage + "' has " + (texts.length - next) + " value(s) too many");
            }
        }
    }
}
