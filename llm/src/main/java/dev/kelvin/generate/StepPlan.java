// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Whose rows the next step computes. Each answer that is being generated gets its row; prompts get the rows that are
 * left, oldest first.
 *
 * <p>While answers are generated, prompts get no more rows than take {@link EngineLimits#delayNanos} by what rows have
 * cost so far, so that no prompt delays an answer by more; {@link #LEAST_ROWS} they get always. A prompt that a step
 * cannot end leaves half of the rows to those behind it: of n prompts that are too long for that, the i-th gets a share
 * of 2⁻ⁱ, and a short one is never behind a long one for good.
 */
final class StepPlan {
    /** Prompts get as many rows however slow they are, or they would never end. */
    static final int LEAST_ROWS = 8;

    /** As many where nothing is known of their cost. */
    static final int FIRST_ROWS = 32;

    private final EngineLimits limits;
    private final int contextLength;
    private final PrefixSharing prefixes;
    private final PassCosts costs;
    private final GuessRecord guesses = new GuessRecord();
    private final Batch batch = new Batch();
    private final List<ActiveGeneration> wanted = new ArrayList<>();
    private final List<ActiveGeneration> prompts = new ArrayList<>();
    private final List<ActiveGeneration> guessing = new ArrayList<>();
    private int[] rows = new int[16];
    private int generating;
    private int guessed;
    private double nanosOfGenerating;
    private double nanosOfPromptRow;

    /**
     * Nothing planned yet.
     *
     * @param contextLength positions that a sequence may have
     */
    StepPlan(EngineLimits limits, int contextLength, PrefixSharing prefixes) {
        this.limits = limits;
        this.contextLength = contextLength;
        this.prefixes = prefixes;
        costs = new PassCosts(limits.rows());
    }

    /** What is guessed of a text: nothing yet. */
    Draft newDraft() {
        return new Draft(limits.draft(), costs, guesses);
    }

    /** The rows. */
    Batch batch() {
        return batch;
    }

    /** How many rows check what was guessed. */
    int guessed() {
        return guessed;
    }

    /** Those that have wanted rows, in the order of their rows. */
    List<ActiveGeneration> wanted() {
        return wanted;
    }

    /** How many rows are those of answers that are generated. */
    int generating() {
        return generating;
    }

    /**
     * Has the next tokens of the answers that are generated guessed, in equal shares.
     *
     * @param active all that have something to compute
     * @param calledOff as in {@link Proposer#propose}
     */
    void guess(List<ActiveGeneration> active, Proposer proposer, BooleanSupplier calledOff) {
        guessing.clear();
        if (limits.draft() == 0) {
            return;
        }
        int needed = 0;
        for (ActiveGeneration each : active) {
            if (each.generates()) {
                guessing.add(each);
                needed += each.pending();
            }
        }
        int answers = guessing.size();
        if (answers == 0) {
            return;
        }
        costs.begin(answers, needed);
        int share = Math.clamp(limits.rows() - needed, 0, limits.draft()) / answers;
        guessing.removeIf(each -> !each.beginGuess(share, contextLength));
        if (!guessing.isEmpty()) {
            proposer.propose(guessing, calledOff);
        }
    }

    /** Takes all guesses back, as there is no memory for them. */
    void dropGuesses() {
        guessing.forEach(ActiveGeneration::dropGuess);
    }

    /**
     * Chooses rows.
     *
     * @param active all that have something to compute, oldest first
     * @param most how many rows there may be
     */
    void fill(List<ActiveGeneration> active, int most) {
        batch.clear();
        wanted.clear();
        prompts.clear();
        guessed = 0;
        int room = most;
        for (ActiveGeneration each : active) {
            if (!each.generates()) {
                prompts.add(each);
            } else if (room > 0) {
                room -= addGenerating(each, room);
            }
        }
        generating = batch.rows();
        prompts.removeIf(each -> each.sequence() == null && !prefixes.begin(each, active));
        share(generating == 0 ? room : Math.min(room, promptRows()));
        for (int i = 0; i < prompts.size(); i++) {
            if (rows[i] > 0) {
                add(prompts.get(i), rows[i]);
            }
        }
    }

    private int addGenerating(ActiveGeneration each, int room) {
        if (each.pending() + each.draft().size() > room) {
            return add(each, room);
        }
        int rows = each.addGuessing(batch);
        guessed += each.wantedRows() - 1;
        wanted.add(each);
        return rows;
    }

    private int add(ActiveGeneration each, int most) {
        int pending = each.pending();
        int added = each.addTo(batch, most);
        if (added == pending && each.picksTokens()) {
            wanted.add(each);
        }
        return added;
    }

    /** Gives rows to prompts. */
    private void share(int most) {
        if (rows.length < prompts.size()) {
            rows = new int[2 * prompts.size()];
        }
        Arrays.fill(rows, 0, prompts.size(), 0);
        int room = most;
        for (int i = 0; i < prompts.size(); i++) {
            int want = want(i);
            boolean leaves = prompts.get(i).pending() > room && i < prompts.size() - 1;
            rows[i] = Math.min(want, leaves ? (room + 1) / 2 : room);
            room -= rows[i];
        }
        for (int i = 0; i < prompts.size() && room > 0; i++) {
            int more = Math.min(room, want(i) - rows[i]);
            rows[i] += more;
            room -= more;
        }
    }

    private int want(int prompt) {
        ActiveGeneration each = prompts.get(prompt);
        return Math.min(each.pending(), prefixes.mostRows(each));
    }

    /** How many rows of prompts a step may have while answers are generated. */
    int promptRows() {
        if (nanosOfPromptRow == 0) {
            return Math.min(FIRST_ROWS, limits.rows());
        }
        return (int)
                Math.clamp(limits.delayNanos() / nanosOfPromptRow, LEAST_ROWS, Math.max(LEAST_ROWS, limits.rows()));
    }

    /**
     * Learns what a step cost.
     *
     * @param generating how many rows were those of answers that are generated
     * @param promptRows how many were those of prompts
     * @param nanos how long it took
     */
    void took(int generating, int promptRows, long nanos) {
        if (promptRows == 0 && generating > 0) {
            costs.learn(generating, nanos);
            nanosOfGenerating = nanosOfGenerating == 0 ? nanos : (3 * nanosOfGenerating + nanos) / 4;
        } else if (promptRows >= LEAST_ROWS) {
            double extra = Math.max(1, nanos - costOfGenerating(generating, promptRows, nanos)) / promptRows;
            // Dearer rows are believed at once, cheaper ones by and by: the bound holds from the next step on.
            nanosOfPromptRow = extra > nanosOfPromptRow ? extra : (nanosOfPromptRow + extra) / 2;
        }
    }

    /** What a step would have cost without prompts; as long as there was no such step, all its rows cost the same. */
    private double costOfGenerating(int generating, int promptRows, long nanos) {
        if (generating == 0) {
            return 0;
        }
        return nanosOfGenerating > 0 ? nanosOfGenerating : (double) nanos * generating / (generating + promptRows);
    }
}
