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
    /** More tokens that follow a pick without a choice are computed as prompts are. */
    private static final int MOST_FORCED = 16;

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

    /** Null before it has begun. */
    private Draft draft;

    /** What was computed before the guess, where it could not be taken back from the sequence; else null. */
    private Sequence before;

    /** How many tokens there were when the pass began. */
    private int known;

    private int wantedRows;
    private int nextRow = -1;

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

    /**
     * Gives it what it picks with, unless it has begun.
     *
     * @param draft what will be guessed of it
     */
    void begin(Compute compute, Draft draft) {
        if (sampling != null) {
            return;
        }
        this.draft = draft;
        sampling = chain.start(compute, request.options().seed(), request.sequence());
        sampling.accept(tokens);
    }

    /** Gives it what it computes with, which may hold the first of its tokens; null takes it away. */
    void hold(Sequence sequence) {
        forgetBefore();
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

    /**
     * Whether the next step makes a token of one that was picked before, and of the few behind it that a constraint
     * left no choice of.
     */
    boolean generates() {
        if (count == promptTokens || sequence == null) {
            return false;
        }
        int pending = pending();
        // What cannot be taken back alone would be computed again with every guess that is wrong.
        return pending == 1 || (pending <= MOST_FORCED && sequence.canTruncate(sequence.length() - 1));
    }

    /** Whether its next token is wanted now. */
    boolean goesOn() {
        return listener.takesMore();
    }

    /** Adds the next rows, at most so many; returns how many. */
    int addTo(Batch batch, int most) {
        dropGuess();
        wantedRows = 1;
        int from = sequence.length();
        int rows = Math.min(most, count - from);
        boolean last = from + rows == count && picksTokens();
        batch.add(sequence, tokens, from, from + rows, last ? Batch.Wanted.LAST : Batch.Wanted.NONE);
        return rows;
    }

    /** What is guessed to follow. */
    Draft draft() {
        return draft;
    }

    /**
     * Begins to guess what follows.
     *
     * @param most how many tokens at most
     * @param contextLength positions that there may be
     * @return whether any may be guessed
     */
    boolean beginGuess(int most, int contextLength) {
        int left = Math.min(contextLength - count, request.options().maxTokens() - (count - promptTokens) - 1);
        draft.begin(Math.min(most, left));
        return Math.min(most, left) > 0;
    }

    /** Guesses nothing for now. */
    void dropGuess() {
        draft.clear();
        forgetBefore();
    }

    private void forgetBefore() {
        if (before != null) {
            before.close();
            before = null;
        }
    }

    /** Adds the rows that make the next token, and rows of what is guessed to follow; returns how many. */
    int addGuessing(Batch batch) {
        known = count;
        if (draft.size() == 0) {
            return addTo(batch, pending());
        }
        if (before == null && !sequence.canTruncate(sequence.length() - 1)) {
            before = sequence.fork(); // recurrent states go forward only
        }
        int end = count + draft.size();
        makeRoom(end);
        for (int i = 0; i < draft.size(); i++) {
            tokens[count + i] = draft.id(i);
        }
        wantedRows = draft.size() + 1;
        int rows = end - sequence.length();
        batch.add(sequence, tokens, sequence.length(), end, wantedRows);
        return rows;
    }

    /** How many rows of the pass are wanted: that of the next token and those of what was guessed. */
    int wantedRows() {
        return wantedRows;
    }

    /** The row of the pass that makes the next token; −1 if none does. */
    int nextRow() {
        return nextRow;
    }

    /** Finds the row after a pick: there is none where that is not what was guessed, or no more is wanted now. */
    private int rowAfterPick() {
        int row = count - known;
        boolean right = row <= draft.size() && draft.matching(tokens, known, count) == row;
        return right && goesOn() ? row : -1;
    }

    /**
     * Takes back what was guessed wrong, as if it had never been computed: that alone, or, where it cannot be, the
     * whole pass, whose right rows are computed again with the next.
     */
    private void endGuess(EngineCounters counters) {
        int right = draft.matching(tokens, known, count);
        counters.add(Count.DRAFTED_TOKENS, draft.size());
        counters.add(Count.ACCEPTED_TOKENS, right);
        // The last token is read again where nothing was picked behind it, as the answer rests.
        int kept = Math.min(known + right, count - 1);
        if (before == null) {
            sequence.truncate(kept);
        } else if (kept < sequence.length()) {
            sequence.close();
            sequence = before;
            before = null;
        }
        draft.learn(right);
        dropGuess();
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
        nextRow = reason == null && draft.size() > 0 ? rowAfterPick() : -1;
        if (nextRow < 0 && draft.size() > 0) {
            endGuess(counters);
        }
        return reason;
    }

    private StopReason take(int id, int contextLength, EngineCounters counters) {
        if (endsAt(id)) {
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

    /** Whether a token ends the text. Training texts follow each other: one without an end token begins the next. */
    boolean endsAt(int id) {
        return tokenizer.isEndOfText(id) || id == tokenizer.bosId();
    }

    private void append(int id) {
        makeRoom(count + 1);
        tokens[count++] = id;
    }

    private void makeRoom(int size) {
        if (tokens.length < size) {
            tokens = Arrays.copyOf(tokens, Math.max(16, 2 * size));
        }
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
        nextRow = -1;
        task.result().completeExceptionally(cause);
    }
}
