// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.generate.EngineCounters.Count;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.TokenConstraint;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.StreamingDecoder;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** One answer on its way: its tokens so far, how many of them the model has seen, and its text. */
final class ActiveGeneration {
    private final GenerationRequest request;
    private final SamplerChain chain;
    private final GenerationListener listener;
    private final GenerationTask task;
    private final Tokenizer tokenizer;
    private final StreamingDecoder decoder;
    private final StopTexts stops;
    private final int promptTokens;
    private final long start = System.nanoTime();
    private int[] tokens;
    private int count;
    private Sequence sequence;
    private Sampling sampling;
    private int cachedTokens = -1;
    private int picks;
    private long prompted;

    ActiveGeneration(
            GenerationRequest request,
            int[] prompt,
            SamplerChain chain,
            Tokenizer tokenizer,
            GenerationListener listener,
            GenerationTask task) {
        this.request = request;
        this.chain = chain;
        this.listener = listener;
        this.task = task;
        this.tokenizer = tokenizer;
        tokens = prompt.clone();
        count = tokens.length;
        promptTokens = count;
        // Behind a prompt the first token's space belongs to the text; at the very beginning it does not.
        decoder = tokenizer.decoder(count == 1 && tokens[0] == tokenizer.bosId(), request.keepSpecial());
        stops = new StopTexts(request.stops());
    }

    /** Gives it what it picks with, unless it has begun. */
    void begin(Compute compute) {
        if (sampling != null) {
            return;
        }
        sampling = chain.start(compute, request.options().seed(), request.sequence());
        sampling.accept(tokens);
    }

    /** Gives it what it computes with, which may hold the first of its tokens; null takes it away. */
    void hold(Sequence sequence) {
        this.sequence = sequence;
        if (cachedTokens < 0 && sequence != null) {
            cachedTokens = sequence.length();
        }
    }

    GenerationRequest request() {
        return request;
    }

    GenerationTask task() {
        return task;
    }

    Sampling sampling() {
        return sampling;
    }

    /** What it computes with; null as long as there is nothing. */
    Sequence sequence() {
        return sequence;
    }

    /** Its tokens, of which the first {@link #count} are valid. */
    int[] tokens() {
        return tokens;
    }

    /** How many tokens there are. */
    int count() {
        return count;
    }

    int promptTokens() {
        return promptTokens;
    }

    /** How many first tokens it has in common with another, at most so many. */
    int common(ActiveGeneration other, int most) {
        int end = Math.min(most, other.count);
        int mismatch = Arrays.mismatch(tokens, 0, end, other.tokens, 0, end);
        return mismatch < 0 ? end : mismatch;
    }

    /** Tokens that the model has not seen yet. */
    int pending() {
        return count - (sequence == null ? 0 : sequence.length());
    }

    /** Whether the next step makes a token of one that was picked before. */
    boolean generates() {
        return count > promptTokens && pending() == 1;
    }

    /** Whether its next token is wanted now. */
    boolean goesOn() {
        return listener.takesMore();
    }

    /** Adds the next rows, at most so many; returns how many. */
    int addTo(Batch batch, int most) {
        int from = sequence.length();
        int rows = Math.min(most, count - from);
        boolean last = from + rows == count && picksTokens();
        batch.add(sequence, tokens, from, from + rows, last ? Batch.Wanted.LAST : Batch.Wanted.NONE);
        return rows;
    }

    /** Whether a pick is more than a temperature applied to all tokens. */
    boolean needsLogits() {
        return request.topLogProbs() >= 0
                || request.constraint() != null
                || listener.wantsLogits()
                || !sampling.chain().isTemperatureOnly();
    }

    /** Tells the listener what is picked from, if it wants to know. */
    void tellLogits(HeapTensor logits) {
        if (listener.wantsLogits()) {
            listener.logits(logits, sampling);
        }
    }

    /** Whether anything but the pass through the prompt is asked for. */
    boolean picksTokens() {
        return request.options().maxTokens() > 0;
    }

    /**
     * Takes a pick and tells the listener.
     *
     * @param contextLength positions that there may be
     * @param counters hear of it too
     * @return why the answer ends here; null if it goes on
     */
    StopReason accept(int id, int contextLength, EngineCounters counters) {
        if (picks++ == 0) {
            prompted = System.nanoTime();
            counters.add(Count.FIRST_TOKENS, 1);
            counters.add(Count.FIRST_TOKEN_NANOS, prompted - start);
            counters.add(Count.PROMPT_TOKENS, promptTokens);
            counters.add(Count.CACHED_TOKENS, cachedTokens);
        }
        StopReason reason = take(id, contextLength, counters);
        TokenConstraint constraint = request.constraint();
        // Whoever wants log-probabilities wants the model asked.
        while (constraint != null && reason == null && request.topLogProbs() < 0) {
            int forced = constraint.forced();
            if (forced < 0) {
                break;
            }
            sampling.accept(forced);
            reason = take(forced, contextLength, counters);
        }
        return reason;
    }

    private StopReason take(int id, int contextLength, EngineCounters counters) {
        // Training texts follow each other: a model without an end token ends a text by beginning the next one.
        if (tokenizer.isEndOfText(id) || id == tokenizer.bosId()) {
            return StopReason.END_OF_TEXT;
        }
        append(id);
        counters.add(Count.GENERATED_TOKENS, 1);
        listener.token(token(id));
        tell(stops.accept(decoder.accept(id)));
        if (stops.found()) {
            return StopReason.STOP_TEXT;
        }
        TokenConstraint constraint = request.constraint();
        if (constraint != null) {
            constraint.accept(id);
            if (constraint.hasEnded()) {
                return StopReason.END_OF_TEXT;
            }
        }
        if (count - promptTokens == request.options().maxTokens()) {
            return StopReason.MAX_TOKENS;
        }
        return count > contextLength ? StopReason.CONTEXT_FULL : null;
    }

    private void append(int id) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(16, 2 * count));
        }
        tokens[count++] = id;
    }

    private GeneratedToken token(int id) {
        if (request.topLogProbs() < 0) {
            return new GeneratedToken(id, Float.NaN, List.of());
        }
        List<TokenLogProb> top = sampling.originalTop(request.topLogProbs());
        return new GeneratedToken(id, sampling.originalLogProb(), top);
    }

    private void tell(String text) {
        if (!text.isEmpty()) {
            listener.text(text);
        }
    }

    /** Tells the rest of the text and completes the task. */
    void end(StopReason reason) {
        try {
            tell(stops.found() ? "" : stops.accept(decoder.finish()));
            tell(stops.rest());
        } catch (RuntimeException e) {
            fail(e);
            return;
        }
        long now = System.nanoTime();
        task.result()
                .complete(new Generation(
                        promptTokens,
                        Math.max(0, cachedTokens),
                        count - promptTokens,
                        Math.max(0, picks - 1),
                        (picks == 0 ? now : prompted) - start,
                        picks == 0 ? 0 : now - prompted,
                        picks == 0 ? 0 : Math.max(1, prompted - start),
                        reason));
    }

    /** Completes the task with an exception. */
    void fail(Throwable cause) {
        task.result().completeExceptionally(cause);
    }
}
