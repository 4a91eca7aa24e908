// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.head.Categorical;
import dev.kelvin.head.Dry;
import dev.kelvin.head.DynamicTemperature;
import dev.kelvin.head.Greedy;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Samplers as one argument: {@code top-k=40,top-p=0.95,temperature=0.8}. Stages stand in their order, apart by commas;
 * the parameters of a stage by colons, those at the end may be left out where the table of names gives a default.
 */
final class SamplerSpec implements ITypeConverter<SamplerChain> {
    /** For the help of commands that take a specification. */
    static final String STAGES = "temperature=T, dynamic-temperature=T:RANGE[:EXPONENT], top-k=K, top-p=P, min-p=P, "
            + "typical=P, top-n-sigma=N, xtc=CHANCE[:THRESHOLD], mirostat=BITS[:RATE], "
            + "penalties=LAST:REPETITION[:FREQUENCY[:PRESENCE]], dry=MULTIPLIER[:BASE[:ALLOWED[:LAST]]], "
            + "logit-bias=ID:BIAS[:ID:BIAS...], mask=ID[:ID...], greedy, categorical";

    /** The texts that end a repetition for {@code dry}: every token that holds one is a breaker, as in llama.cpp. */
    private static final List<String> DRY_BREAKERS = List.of("\n", ":", "\"", "*");

    @Override
    public SamplerChain convert(String text) {
        List<Sampler> samplers = new ArrayList<>();
        for (String stage : text.split(",", -1)) {
            samplers.add(sampler(stage.strip()));
        }
        try {
            return new SamplerChain(samplers);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static Sampler sampler(String stage) {
        int equals = stage.indexOf('=');
        String name = equals < 0 ? stage : stage.substring(0, equals).strip();
        Parameters p = new Parameters(
                stage, equals < 0 ? new String[0] : stage.substring(equals + 1).split(":", -1));
        Sampler sampler;
        try {
            sampler = switch (name) {
                case "temperature" -> new Temperature(p.real());
                case "dynamic-temperature" -> new DynamicTemperature(p.real(), p.real(), p.real(1));
                case "top-k" -> new TopK(p.whole());
                case "top-p" -> new TopP(p.real());
                case "min-p" -> new MinP(p.real());
                case "typical" -> new Typical(p.real());
                case "top-n-sigma" -> new TopNSigma(p.real());
                case "xtc" -> new Xtc(p.real(), p.real(0.1f));
                case "mirostat" -> new Mirostat(p.real(), p.real(0.1f));
                case "penalties" -> new Penalties(p.whole(), p.real(), p.real(0), p.real(0));
                case "dry" -> new Dry(p.real(), p.real(1.75f), p.whole(2), p.whole(-1), SequenceBreakers.NONE);
                case "logit-bias" -> logitBias(p);
                case "mask" -> mask(p);
                case "greedy" -> new Greedy();
                case "categorical" -> new Categorical();
                default ->
                    throw new TypeConversionException(
                            "no sampler is called '" + name + "'; there are " + STAGES.replaceAll("[=\\[][^, ]*", ""));
            };
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
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
                throw new TypeConversionException("'" + p.stage + "': id " + id + " is negative");
            }
            allowed.set(id);
        } while (p.more());
        return new TokenMask(allowed);
    }

    /** A stage as it is written in a specification, with all of its parameters. */
    static String text(Sampler sampler) {
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
            case Penalties s -> "penalties=" + s.lastN() + ":" + join(s.repetition(), s.frequency(), s.presence());
            case Dry s -> "dry=" + join(s.multiplier(), s.base()) + ":" + s.allowedLength() + ":" + s.lastN();
            case LogitBias s ->
                s.entries().stream()
                        .map(entry -> entry.id() + ":" + join(entry.bias()))
                        .collect(Collectors.joining(":", "logit-bias=", ""));
            case TokenMask s ->
                s.allowed().stream().mapToObj(Integer::toString).collect(Collectors.joining(":", "mask=", ""));
            case Greedy s -> "greedy";
            case Categorical s -> "categorical";
        };
    }

    /** A chain as one argument. */
    static String text(SamplerChain chain) {
        return chain.samplers().stream().map(SamplerSpec::text).collect(Collectors.joining(","));
    }

    private static String join(float... values) {
        StringBuilder text = new StringBuilder();
        for (float value : values) {
            text.append(text.isEmpty() ? "" : ":").append(Numbers.shortest(value));
        }
        return text.toString();
    }

    /** Refuses ids beyond the vocabulary, as a mistake of the caller of {@code command}. */
    static void checkIds(Subcommand command, SamplerChain chain, int vocabSize) {
        for (Sampler sampler : chain.samplers()) {
            int largest =
                    switch (sampler) {
                        case LogitBias bias ->
                            bias.entries().stream()
                                    .mapToInt(LogitBias.Entry::id)
                                    .max()
                                    .orElse(-1);
                        case TokenMask mask -> mask.allowed().length() - 1;
                        default -> -1;
                    };
            if (largest >= vocabSize) {
                throw command.usage("--sampler: " + largest + " is not in the vocabulary [0, " + vocabSize + ")");
            }
        }
    }

    /** The chain for a model: its ids checked, and the breakers of its {@code dry} stages looked up. */
    static SamplerChain forModel(Subcommand command, SamplerChain chain, OpenModel open) throws IOException {
        checkIds(command, chain, open.vocabSize());
        if (chain.samplers().stream().noneMatch(Dry.class::isInstance)) {
            return chain;
        }
        List<List<Integer>> breakers = new ArrayList<>();
        for (int id = 0; id < open.vocabSize(); id++) {
            String text = open.tokenText(id);
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
                throw new TypeConversionException("'" + stage + "' lacks a value");
            }
            return texts[next++];
        }

        float real() {
            return new Arguments.Logit().convert(text()) + 0.0f; // -0 becomes 0
        }

        float real(float standard) {
            return more() ? real() : standard;
        }

        int whole() {
            String text = text().strip();
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + stage + "': '" + text + "' is not a whole number");
            }
        }

        int whole(int standard) {
            return more() ? whole() : standard;
        }

        void end() {
            if (more()) {
                throw new TypeConversionException(
                        "'" + stage + "' has " + (texts.length - next) + " value(s) too many");
            }
        }
    }
}
