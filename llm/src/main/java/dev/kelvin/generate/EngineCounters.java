// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Batch;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what an engine does: one thread writes, without a lock or an object; any thread reads. */
final class EngineCounters {
    /** What is counted. */
    enum Count {
        RUNNING,
        FINISHED,
        CANCELLED,
        FAILED,
        PROMPT_TOKENS,
        CACHED_TOKENS,
        GENERATED_TOKENS,
        DRAFTED_TOKENS,
        ACCEPTED_TOKENS,
        FIRST_TOKENS,
        FIRST_TOKEN_NANOS,
        STEPS,
        ROWS,
        SEQUENCES,
        STEP_NANOS,
        LOOKUPS,
        HITS,
        EVICTIONS,
        KV_PAGES,
        KV_BYTES,
        CACHED_TEXTS
    }

    private final Map<Count, AtomicLong> values = new EnumMap<>(Count.class);
    private final AtomicLong refused = new AtomicLong();

    EngineCounters() {
        for (Count count : Count.values()) {
            values.put(count, new AtomicLong());
        }
    }

    /** Adds. For the engine's thread. */
    void add(Count count, long more) {
        set(count, values.get(count).getPlain() + more);
    }

    /** Tells what is now. For the engine's thread. */
    void set(Count count, long value) {
        values.get(count).setRelease(value);
    }

    /** Counts requests that found no place. For any thread. */
    void refuse(int requests) {
        refused.addAndGet(requests);
    }

    /** Counts a pass. For the engine's thread. */
    void step(Batch batch) {
        add(Count.STEPS, 1);
        add(Count.ROWS, batch.rows());
        add(Count.SEQUENCES, batch.spans());
    }

    /** Tells how things are now. For the engine's thread. */
    void now(int running, int pages, long bytes, int cachedTexts) {
        set(Count.RUNNING, running);
        set(Count.KV_PAGES, pages);
        set(Count.KV_BYTES, bytes);
        set(Count.CACHED_TEXTS, cachedTexts);
    }

    private long of(Count count) {
        return values.get(count).getAcquire();
    }

    /** All that was counted. For any thread. */
    EngineMetrics metrics(int waiting, long kvLimitBytes) {
        return new EngineMetrics(
                waiting,
                of(Count.RUNNING),
                of(Count.FINISHED),
                of(Count.CANCELLED),
                of(Count.FAILED),
                refused.get(),
                of(Count.PROMPT_TOKENS),
                of(Count.CACHED_TOKENS),
                of(Count.GENERATED_TOKENS),
                of(Count.DRAFTED_TOKENS),
                of(Count.ACCEPTED_TOKENS),
                of(Count.FIRST_TOKENS),
                of(Count.FIRST_TOKEN_NANOS),
                of(Count.STEPS),
                of(Count.ROWS),
                of(Count.SEQUENCES),
                of(Count.STEP_NANOS),
                of(Count.LOOKUPS),
                of(Count.HITS),
                of(Count.EVICTIONS),
                of(Count.KV_PAGES),
                of(Count.KV_BYTES),
                kvLimitBytes,
                of(Count.CACHED_TEXTS));
    }
}
