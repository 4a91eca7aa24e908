// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.head.Dry;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SequenceBreakers;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.head.Typical;
import dev.kelvin.head.Xtc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Random requests that begin alike, and what each gets alone: in any company it must be the same to the bit. */
final class Company {
    static final List<List<Sampler>> CHAINS = List.of(
            List.of(new Temperature(0)),
            List.of(new Temperature(1.3f)),
            List.of(new Temperature(Float.POSITIVE_INFINITY)),
            List.of(new TopK(20), new Typical(0.9f), new TopP(0.95f), new MinP(0.01f), new Temperature(0.8f)),
            List.of(
                    new LogitBias(List.of(new LogitBias.Entry(5, 2), new LogitBias.Entry(9, Float.NEGATIVE_INFINITY))),
                    new Penalties(64, 1.2f, 0.3f, 0.1f),
                    new Temperature(1)),
            List.of(new Dry(0.8f, 1.75f, 2, -1, SequenceBreakers.NONE), new Xtc(0.5f, 0.1f), new Temperature(1)),
            List.of(new Temperature(1.1f), new Mirostat(4, 0.1f)));

    private final long seed;
    private final List<GenerationRequest> requests = new ArrayList<>();
    private final List<Answer> alone = new ArrayList<>();

    /** What came, log-probabilities as bits. */
    private static final class Answer implements GenerationListener {
        private final List<Integer> ids = new ArrayList<>();
        private final List<Integer> logProbs = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public void token(GeneratedToken token) {
            ids.add(token.id());
            logProbs.add(Float.floatToRawIntBits(token.logProb()));
            for (TokenLogProb top : token.top()) {
                logProbs.add(top.id());
                logProbs.add(Float.floatToRawIntBits(top.logProb()));
            }
        }

        @Override
        public void text(String piece) {
            text.append(piece);
        }

        @Override
        public String toString() {
            return ids + " " + logProbs + " " + text;
        }
    }

    /**
     * Makes requests, and has each answered by an engine of its own.
     *
     * @param most the most tokens of a prompt and its answer
     */
    Company(long seed, int count, int vocabSize, int most, Supplier<Engine> engines) {
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        int[][] texts = new int[3][];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = random.ints(most, 3, vocabSize).toArray();
        }
        while (requests.size() < count) {
            int answer = 1 + random.nextInt(20);
            int[] prompt = prompt(random, texts, vocabSize, most - answer);
            GenerateOptions options =
                    new GenerateOptions(answer, random.nextInt(5), CHAINS.get(random.nextInt(CHAINS.size())));
            GenerationRequest request = GenerationRequest.of(prompt, options)
                    .withSequence(random.nextInt(3))
                    .withLogProbs(random.nextInt(4) - 1);
            requests.add(request);
            alone.add(new Answer());
            engines.get().generate(request, alone.getLast());
        }
    }

    /** One of a few texts up to somewhere and then something else; or an earlier prompt again, or what follows it. */
    private int[] prompt(SplittableRandom random, int[][] texts, int vocabSize, int most) {
        int length = 1 + random.nextInt(most);
        if (!requests.isEmpty() && random.nextInt(3) == 0) {
            int which = random.nextInt(requests.size());
            IntStream earlier = IntStream.of(requests.get(which).prompt());
            IntStream answer = alone.get(which).ids.stream().mapToInt(Integer::intValue);
            IntStream said = IntStream.concat(earlier, random.nextBoolean() ? answer : IntStream.empty());
            int[] prompt = IntStream.concat(said, random.ints(random.nextInt(30), 3, vocabSize))
                    .toArray();
            return Arrays.copyOf(prompt, Math.min(prompt.length, most));
        }
        int[] prompt = Arrays.copyOf(texts[random.nextInt(texts.length)], length);
        for (int i = length - random.nextInt(Math.min(length, 40)); i < length; i++) {
            prompt[i] = 3 + random.nextInt(vocabSize - 3);
        }
        return prompt;
    }

    /** Asks for all at random moments, in random order, among others that are cancelled. */
    void meet(Engine engine, long order, String what) {
        SplittableRandom random = new SplittableRandom(order);
        List<Integer> left =
                new ArrayList<>(IntStream.range(0, requests.size()).boxed().toList());
        Answer[] answers = new Answer[requests.size()];
        List<GenerationTask> tasks = new ArrayList<>();
        while (!left.isEmpty()) {
            for (int burst = random.nextInt(6); burst > 0 && !left.isEmpty(); burst--) {
                int at = random.nextInt(left.size());
                int which = left.get(at);
                left.set(at, left.getLast());
                left.removeLast();
                answers[which] = new Answer();
                tasks.add(engine.submit(requests.get(which), answers[which]));
            }
            if (random.nextInt(4) == 0) {
                GenerationTask other =
                        engine.submit(requests.get(random.nextInt(requests.size())), GenerationListener.NONE);
                for (int steps = random.nextInt(4); steps > 0; steps--) {
                    engine.step();
                }
                other.cancel();
            }
            for (int steps = random.nextInt(12); steps > 0; steps--) {
                engine.step();
            }
        }
        while (engine.step()) {}
        tasks.forEach(task -> task.result().join());
        for (int i = 0; i < answers.length; i++) {
            assertEquals(
                    alone.get(i).toString(),
                    answers[i].toString(),
                    "seed " + seed + ", order " + order + ", " + what + ", request " + i);
        }
    }
}
