// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One sequence of tokens that a {@link SamplerChain} continues: the tokens so far, and what stages remember from pick
 * to pick.
 *
 * <p>A token is a pure function of the chain, the seed, the sequence number, the tokens before it and the logits of the
 * picks since the start; threads, lanes and batch have no part in it. Only {@link Mirostat} remembers more than tokens.
 * The position of a token is the number of those before it, prompt included, so a prompt must be told by
 * {@link #accept}.
 *
 * <p>For one thread at a time, as its {@link Compute}.
 */
public final class Sampling {
    private final Compute compute;
    private final SamplerChain chain;
    private final List<Sampler> samplers;
    private final long seed;
    private final long sequence;
    private final Candidates candidates;
    private final float[] states;
    private final RowStore logProbs = new RowStore();

    /** The tokens so far, where a stage looks at them. */
    private int[] history;

    private int position;
    private int largestId = -1;
    private int stage;
    private int chances;
    private int[] marks = new int[0];
    private int[] repetitions = new int[0];
    private HeapTensor lastLogits;

    Sampling(Compute compute, SamplerChain chain, long seed, long sequence) {
        this.compute = compute;
        this.chain = chain;
        this.samplers = chain.samplers();
        this.seed = seed;
        this.sequence = sequence;
        this.candidates = new Candidates(compute);
        this.history = samplers.stream().anyMatch(Sampler::readsHistory) ? new int[64] : null;
        this.states = new float[samplers.size()];
        for (int i = 0; i < states.length; i++) {
            states[i] = samplers.get(i).initialState();
        }
    }

    /**
     * Appends tokens that were not picked here: a prompt, or what was decided elsewhere.
     *
     * @param ids in their order
     * @throws IllegalArgumentException if one is negative; none is appended then
     */
    public void accept(int... ids) {
        for (int id : ids) {
            if (id < 0) {
                throw new IllegalArgumentException("sampling: token id " + id + " is negative");
            }
        }
        for (int id : ids) {
            append(id);
        }
    }

    /**
     * Takes back the last tokens, as if they had never been, but for what {@link Mirostat} has learnt of them.
     *
     * @param position how many tokens stay
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public void truncate(int position) {
        this.position = Objects.checkIndex(position, this.position + 1);
        lastLogits = null;
        largestId =
                history == null ? -1 : Arrays.stream(history, 0, position).max().orElse(-1);
    }

    private void append(int id) {
        if (history != null) {
            if (position == history.length) {
                history = Arrays.copyOf(history, 2 * position);
            }
            history[position] = id;
            largestId = Math.max(largestId, id);
        }
        position++;
    }

    /**
     * Picks the next token and appends it.
     *
     * @param logits [V] or [1, V], unchanged; −∞ masks a token
     * @return its id
     * @throws IllegalArgumentException if a logit is NaN or +∞ (naming the first and how many), if no candidate is
     *     left, or if a stage, or the history it looks at, names a token outside the vocabulary; nothing is appended
     *     then
     */
    public int pick(HeapTensor logits) {
        begin(logits);
        return finish(logits);
    }

    /**
     * Picks the next token among those that are allowed for this once, and appends it.
     *
     * @param logits [V] or [1, V], unchanged
     * @param mask applied before the first stage of the chain
     * @return its id
     * @throws IllegalArgumentException as the other, and if the mask allows no candidate
     */
    public int pick(HeapTensor logits, TokenMask mask) {
        begin(logits);
        mask.apply(candidates, this);
        return finish(logits);
    }

    /**
     * Picks the next token straight from a hidden state, in one pass over the weights of the head, and appends it: the
     * token that {@link #pick(HeapTensor)} finds among the logits. What that one leaves behind (candidates,
     * log-probabilities) is not there then.
     *
     * @param head the projection to the vocabulary
     * @param hidden [1, D] or [D]
     * @return its id
     * @throws IllegalStateException if the chain is more than {@linkplain SamplerChain#isTemperatureOnly a temperature}
     * @throws IllegalArgumentException if a logit is NaN or +∞ (naming the first and how many), or none is a candidate;
     *     nothing is appended then
     */
    public int sample(LogitProjection head, HeapTensor hidden) {
        if (!chain.isTemperatureOnly()) {
            throw new IllegalStateException("sampling: " + chain + " is more than a temperature and needs logits");
        }
        lastLogits = null;
        int id = head.sample(hidden, chain.temperature(), draw());
        append(id);
        return id;
    }

    private void begin(HeapTensor logits) {
        lastLogits = null;
        chances = 0;
        candidates.reset(logits);
        if (largestId >= candidates.vocabSize()) {
            throw new IllegalArgumentException("sampling: the tokens before include id " + largestId
                    + ", outside the vocabulary [0, " + candidates.vocabSize() + ")");
        }
    }

    private int finish(HeapTensor logits) {
        for (stage = 0; stage < states.length; stage++) {
            samplers.get(stage).apply(candidates, this);
        }
        pickUnlessPicked();
        for (int i = 0; i < states.length; i++) {
            states[i] = samplers.get(i).nextState(states[i], candidates.pickedProb());
        }
        lastLogits = logits;
        append(candidates.pickedId());
        return candidates.pickedId();
    }

    private void pickUnlessPicked() {
        if (candidates.pickedId() < 0) {
            candidates.pick(draw());
        }
    }

    /**
     * Tells how {@link #pick(HeapTensor)} would pick the next token, and changes nothing.
     *
     * @param logits [V] or [1, V], unchanged
     * @return what each stage leaves
     * @throws IllegalArgumentException as {@code pick}
     */
    public Explanation explain(HeapTensor logits) {
        begin(logits);
        HeapTensor probs = HeapTensor.zeros(logits.shape().dims());
        compute.softmax(logits, 1, probs);
        float[] original = probs.data();
        Explanation.Left before = left(original, candidates.count());
        List<Explanation.Stage> stages = new ArrayList<>();
        for (stage = 0; stage < states.length; stage++) {
            Sampler sampler = samplers.get(stage);
            sampler.apply(candidates, this);
            if (!(sampler instanceof Categorical)) {
                stages.add(new Explanation.Stage(sampler, left(original, before.candidates())));
            }
        }
        pickUnlessPicked();
        int id = candidates.pickedId();
        return new Explanation(
                seed, sequence, position, before, stages, draw(), id, candidates.pickedProb(), original[id]);
    }

    private Explanation.Left left(float[] original, int before) {
        double mass = 0;
        for (int i = 0; i < candidates.count(); i++) {
            mass += original[candidates.id(i)];
        }
        boolean all = candidates.count() == before;
        return new Explanation.Left(candidates.count(), all ? 1 : Math.min(1, mass), candidates.entropy());
    }

    /** The chain. */
    public SamplerChain chain() {
        return chain;
    }

    /** The seed of the draws. */
    public long seed() {
        return seed;
    }

    /** Which of several sequences of the seed this is. */
    public long sequence() {
        return sequence;
    }

    /** How many tokens there are: the position of the next one. */
    public int position() {
        return position;
    }

    /** What the stages left of the last pick; valid until the next. */
    public Candidates candidates() {
        return candidates;
    }

    /**
     * The log-probability that the last pick had among the candidates left.
     *
     * @return in nats, at most 0
     * @throws IllegalStateException before the first pick
     */
    public float logProb() {
        requirePick();
        candidates.logProbs(logProbs);
        for (int i = 0; i < candidates.count(); i++) {
            if (candidates.id(i) == candidates.pickedId()) {
                return logProbs.data()[i];
            }
        }
        throw new AssertionError("the token picked is no candidate");
    }

    /**
     * The log-probability that the last pick had in the logits as they came, at τ = 1. Demands that those logits are
     * still unchanged.
     *
     * @return in nats, at most 0
     * @throws IllegalStateException before the first pick
     */
    public float originalLogProb() {
        return originalLogProbs()[candidates.pickedId()];
    }

    /**
     * The most probable candidates of the last pick after the chain, most probable first, of equal ones the lower id.
     *
     * @param n at most so many
     * @return with the log-probability of each
     * @throws IllegalStateException before the first pick
     */
    public List<TokenLogProb> top(int n) {
        requirePick();
        candidates.logProbs(logProbs);
        float[] values = logProbs.data();
        List<TokenLogProb> top = new ArrayList<>();
        for (int index : largest(values, candidates.count(), n)) {
            top.add(new TokenLogProb(candidates.id(index), values[index]));
        }
        return top;
    }

    /**
     * The most probable tokens of the last pick before the chain, in the logits as they came, at τ = 1; masked ones are
     * left out. Demands that those logits are still unchanged.
     *
     * @param n at most so many
     * @return with the log-probability of each
     * @throws IllegalStateException before the first pick
     */
    public List<TokenLogProb> originalTop(int n) {
        float[] values = originalLogProbs();
        List<TokenLogProb> top = new ArrayList<>();
        for (int id : largest(values, lastLogits.columns(), n)) {
            if (values[id] > Float.NEGATIVE_INFINITY) {
                top.add(new TokenLogProb(id, values[id]));
            }
        }
        return top;
    }

    private float[] originalLogProbs() {
        requirePick();
        int vocabSize = lastLogits.columns();
        HeapTensor row = HeapTensor.view(lastLogits.data(), lastLogits.offset(), 1, vocabSize);
        compute.logSoftmax(row, 1, logProbs.row(vocabSize));
        return logProbs.data();
    }

    private void requirePick() {
        if (lastLogits == null) {
            throw new IllegalStateException("sampling: nothing was picked yet");
        }
    }

    /** The indices of the n largest, descending; the lower index first among equals. */
    private static int[] largest(float[] values, int length, int n) {
        int[] best = new int[Math.min(Math.max(0, n), length)];
        int size = 0;
        for (int i = 0; i < length && best.length > 0; i++) {
            if (size == best.length && !(values[i] > values[best[size - 1]])) {
                continue;
            }
            int place = size < best.length ? size++ : size - 1;
            for (; place > 0 && values[i] > values[best[place - 1]]; place--) {
                best[place] = best[place - 1];
            }
            best[place] = i;
        }
        return best;
    }

    // What stages ask for

    /** The draw of the pick. */
    double draw() {
        return CounterRandom.uniform(seed, sequence, position);
    }

    /** A draw in [0, 1) for a stage's own use, from another stream at each call of one pick. */
    public double chance() {
        return CounterRandom.uniform(seed, sequence, position, ++chances);
    }

    /** What the stage that is being applied remembers. */
    float state() {
        return states[stage];
    }

    /** How many tokens of the history a stage sees that looks at the last {@code lastN}; −1 for all. */
    int window(int lastN) {
        return lastN < 0 ? position : Math.min(lastN, position);
    }

    /**
     * A token of the history, prompt included, for a stage that {@linkplain Sampler#readsHistory reads it}.
     *
     * @param back 0 for the last, less than {@link #position}
     */
    public int tokenBefore(int back) {
        return history[position - 1 - back];
    }

    /** A zero for each token of the vocabulary, to be left as zeros. */
    int[] marks() {
        if (marks.length < candidates.vocabSize()) {
            marks = new int[candidates.vocabSize()];
        }
        return marks;
    }

    /**
     * For each place of a window, how many tokens up to there, going back, are the same as up to the end: the
     * Z-function of the history read backwards.
     *
     * @param window how many of the last tokens are looked at
     * @return at index k ≥ 1 the length of the common part of the ends of the history with and without its last k
     */
    int[] repetitions(int window) {
        if (repetitions.length < window) {
            repetitions = new int[Math.max(window, 2 * repetitions.length)];
        }
        int[] z = repetitions;
        int left = 0;
        int right = 0;
        for (int k = 1; k < window; k++) {
            // [left, right) is the match that reaches farthest; inside it the values are known from its copy.
            int length = k < right ? Math.min(right - k, z[k - left]) : 0;
            while (k + length < window && tokenBefore(length) == tokenBefore(k + length)) {
                length++;
            }
            if (k + length > right) {
                left = k;
                right = k + length;
            }
            z[k] = length;
        }
        return z;
    }
}
