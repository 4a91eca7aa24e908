// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.KvPoolFullException;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A smaller model of the same vocabulary that guesses: it reads what texts have said and goes on by itself, for all of
 * them together. What it has read stays for texts that begin alike, as long as nobody needs the memory.
 *
 * <p>It reads at most {@link #MOST_ROWS} rows at once, so that a long prompt delays nobody: meanwhile nothing is
 * guessed for it. A text that there is no memory for, or that it makes no sound logits of, it guesses nothing for.
 */
final class DraftModel implements Proposer {
    private static final int MOST_ROWS = Decoder.PIECE;

    /** For its guesses speaks always the same. */
    private static final int EVIDENCE = 1;

    private final Decoder model;
    private final Compute compute;
    private final KvPool pool;

    /** Null where nothing is kept. */
    private final PrefixCache cache;

    private final Map<ActiveGeneration, DraftReader> readers = new HashMap<>();
    private final List<DraftReader> going = new ArrayList<>();
    private final Batch batch = new Batch();
    private final RowBuffer hiddenRows;
    private final RowBuffer logitRows;

    /**
     * A model that has read nothing yet.
     *
     * @param pool of this model
     * @param shares whether what was read is kept
     */
    DraftModel(Decoder model, Compute compute, KvPool pool, boolean shares) {
        this.model = model;
        this.compute = compute;
        this.pool = pool;
        cache = shares ? new PrefixCache(pool) : null;
        hiddenRows = new RowBuffer(model.plan().sizes().dim());
        logitRows = new RowBuffer(model.head().vocabSize());
    }

    @Override
    public void propose(List<ActiveGeneration> texts, BooleanSupplier calledOff) {
        going.clear();
        int contextLength = model.plan().sizes().contextLength();
        for (ActiveGeneration text : texts) {
            text.draft().trust(EVIDENCE);
            DraftReader reader = readers.computeIfAbsent(text, this::begin);
            reader.follow();
            if (reader.goesOn(contextLength)) {
                going.add(reader);
            }
        }
        while (!going.isEmpty()) {
            HeapTensor logits = read(calledOff);
            if (logits != null) {
                guess(logits);
                going.removeIf(each -> !each.goesOn(contextLength));
            }
        }
    }

    private DraftReader begin(ActiveGeneration text) {
        PrefixCache.Match match = cache == null ? null : cache.find(text.tokens(), text.count() - 1);
        Sequence sequence =
                match == null ? pool.newSequence() : match.sequence().fork();
        if (match != null) {
            sequence.truncate(match.length());
        }
        return new DraftReader(text, sequence, compute);
    }

    /** The logits [n, V] behind the n texts that are read to their end; null if there is less to be read now. */
    private HeapTensor read(BooleanSupplier calledOff) {
        batch.clear();
        int most = Math.max(1, MOST_ROWS / going.size());
        going.forEach(each -> each.addTo(batch, most));
        HeapTensor hidden = hiddenRows.rows(batch.wantedRows());
        HeapTensor logits = logitRows.rows(batch.wantedRows());
        try {
            model.forward(batch, hidden, calledOff);
            if (batch.wantedRows() > 0) {
                model.head().forward(hidden, logits);
            }
            return logits;
        } catch (KvPoolFullException full) {
            if (cache == null || !cache.shrink()) {
                going.removeLast().giveUp();
            }
        } catch (CancellationException off) {
            throw off;
        } catch (RuntimeException unsound) { // as of weights that are no numbers; the answer must not suffer for it
            going.forEach(DraftReader::giveUp);
            going.clear();
        }
        return null;
    }

    /** Guesses the next token of each text that is read to its end; the others wait for the next step. */
    private void guess(HeapTensor logits) {
        int row = 0;
        for (Iterator<DraftReader> each = going.iterator(); each.hasNext(); ) {
            DraftReader reader = each.next();
            if (reader.pending() > 0) {
                each.remove();
                continue;
            }
            if (!guess(reader, logits.rowRange(row, row + 1))) {
                each.remove();
            }
            row++;
        }
    }

    private static boolean guess(DraftReader reader, HeapTensor logits) {
        try {
            return reader.guess(logits);
        } catch (RuntimeException unsound) { // logits, or what a sampler of one's own says of them
            reader.giveUp();
            return false;
        }
    }

    @Override
    public void end(ActiveGeneration text) {
        DraftReader reader = readers.remove(text);
        if (reader == null) {
            return;
        }
        reader.follow();
        if (cache == null) {
            reader.sequence().close();
        } else {
            cache.add(reader.ids(), reader.sequence());
        }
    }

    @Override
    public void clear() {
        if (cache != null) {
            cache.clear();
        }
    }
}
