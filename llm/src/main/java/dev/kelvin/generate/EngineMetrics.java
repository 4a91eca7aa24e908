// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

/**
 * What an {@link Engine} has done and is doing. Sums since it was made, but for those that say "now". Each number is
 * right by itself; they are not of one moment.
 *
 * @param waiting requests that no step has looked at, now
 * @param running answers that are being computed, or wait for memory, now
 * @param finished answers that came to an end by themselves
 * @param cancelled answers that were cancelled
 * @param failed answers that ended with an exception
 * @param refused requests that found no place to wait
 * @param promptTokens ids of prompts whose first token was picked, reused ones included
 * @param cachedTokens how many of them others had computed
 * @param generatedTokens ids that were made
 * @param draftedTokens ids that were guessed
 * @param acceptedTokens how many of them were right
 * @param firstTokens answers whose first token was picked
 * @param firstTokenNanos ns from request to first token, summed
 * @param steps passes through the model
 * @param rows of them all; divided by {@code steps}, the size of a batch
 * @param sequences of them all: a sequence counts in each step that it has rows in
 * @param stepNanos ns of all steps
 * @param lookups prompts that were looked up among what others had begun
 * @param hits how many of them began alike
 * @param evictions answers that gave up their memory and were computed again later
 * @param kvPages pages of keys and values that are held, now, cached ones included
 * @param kvBytes bytes of pages and states that are held, now
 * @param kvLimitBytes the most there may be
 * @param cachedTexts texts that are kept for others, now
 */
public record EngineMetrics(
        long waiting,
        long running,
        long finished,
        long cancelled,
        long failed,
        long refused,
        long promptTokens,
        long cachedTokens,
        long generatedTokens,
        long draftedTokens,
        long acceptedTokens,
        long firstTokens,
        long firstTokenNanos,
        long steps,
        long rows,
        long sequences,
        long stepNanos,
        long lookups,
        long hits,
        long evictions,
        long kvPages,
        long kvBytes,
        long kvLimitBytes,
        long cachedTexts) {}
