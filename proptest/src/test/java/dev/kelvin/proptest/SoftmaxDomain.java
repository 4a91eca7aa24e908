// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;

/** Rows of 1 to 200,000 logits at every finite temperature above 0; the long ones are rare, as they are slow. */
class SoftmaxDomain extends DomainContextBase {
    /**
     * Around the lanes, the groups of 64, the blocks of 512 and the chunks of 4096 of the canonical sum, and real
     * vocabularies.
     */
    private static final Integer[] BOUNDARIES = {
        15, 16, 17, 63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 8191, 8193, 32_000, 50_257
    };

    @Provide
    Arbitrary<SoftmaxCase> cases() {
        Arbitrary<Long> seeds = Arbitraries.longs().withoutEdgeCases();
        Arbitrary<SoftmaxCase.Style> styles = Arbitraries.of(SoftmaxCase.Style.class);
        return Combinators.combine(lengths(), styles, exponents(), seeds, temperatures())
                .as((length, style, exponent, seed, temperature) -> {
                    float scale = Math.scalb(1.5f, exponent);
                    return new SoftmaxCase(length, style, scale, seed, temperature.applyTo(scale));
                });
    }

    static Arbitrary<Integer> lengths() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.integers().between(1, 40)),
                Tuple.of(6, Arbitraries.of(BOUNDARIES)),
                Tuple.of(8, Arbitraries.integers().between(1, 12_000).withDistribution(RandomDistribution.uniform())),
                Tuple.of(1, Arbitraries.integers().between(1, 200_000).withDistribution(RandomDistribution.uniform())));
    }

    /** Of the scale: everyday logits mostly, else from the smallest float to near the largest. */
    private static Arbitrary<Integer> exponents() {
        return Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.integers().between(-3, 7)),
                Tuple.of(1, Arbitraries.integers().between(-149, 126)));
    }

    /**
     * A temperature, either absolute or as a multiple of the logits' scale: temperatures that have nothing to do with
     * the logits nearly always land at one of the limits.
     */
    private record Temperature(float value, boolean ofScale) {
        float applyTo(float scale) {
            float temperature = ofScale ? value * scale : value;
            return Math.clamp(temperature, Float.MIN_VALUE, Float.MAX_VALUE);
        }
    }

    private static Arbitrary<Temperature> temperatures() {
        Arbitrary<Temperature> relative = Arbitraries.integers()
                .between(-1500, 1500)
                .withDistribution(RandomDistribution.uniform())
                .map(hundredths -> new Temperature((float) Math.exp(hundredths / 200.0), true));
        Arbitrary<Temperature> everyday =
                Arbitraries.of(0.1f, 0.2f, 0.5f, 0.7f, 1f, 1.3f, 2f, 10f).map(value -> new Temperature(value, false));
        return Arbitraries.frequencyOf(
                Tuple.of(4, relative),
                Tuple.of(1, everyday),
                Tuple.of(3, anyPositive().map(v -> new Temperature(v, false))));
    }

    /**
     * Every positive finite float: uniform over the bits, so all magnitudes are equally likely; the edges are mixed in.
     */
    static Arbitrary<Float> anyPositive() {
        return Arbitraries.integers()
                .between(1, Float.floatToRawIntBits(Float.MAX_VALUE))
                .withDistribution(RandomDistribution.uniform())
                .map(Float::intBitsToFloat);
    }
}
