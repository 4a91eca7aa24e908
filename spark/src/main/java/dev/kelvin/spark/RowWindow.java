// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The rows of a task with what becomes of them, in their order. So many are on their way that the model always has
 * work, and no more. For the task's thread.
 */
final class RowWindow implements Iterator<Row>, AutoCloseable {
    private final Iterator<Row> rows;
    private final Function<Row, Pending> begin;
    private final int most;
    private final ErrorPolicy errors;
    private final Runnable end;
    private final Deque<InFlight> inFlight = new ArrayDeque<>();
    private boolean closed;

    private record InFlight(Row row, Pending pending) {}

    /**
     * A window over rows.
     *
     * @param begin begins with a row, and does not wait; it throws an {@link IllegalArgumentException} for a row that
     *     cannot be taken
     * @param most rows on their way
     * @param errors what becomes of rows that cannot be taken
     * @param end is run once, when there is no more to do
     */
    RowWindow(Iterator<Row> rows, Function<Row, Pending> begin, int most, ErrorPolicy errors, Runnable end) {
        this.rows = rows;
        this.begin = begin;
        this.most = most;
        this.errors = errors;
        this.end = end;
    }

    @Override
    public boolean hasNext() {
        while (inFlight.size() < most && !closed && rows.hasNext()) {
            Row row = rows.next();
            inFlight.add(new InFlight(row, begun(row)));
        }
        if (inFlight.isEmpty()) {
            close();
            return false;
        }
        return true;
    }

    /** A row that cannot be taken is told in its turn, behind those before it. */
    private Pending begun(Row row) {
        try {
            return begin.apply(row);
        } catch (IllegalArgumentException e) {
            return Pending.failed(e);
        }
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        InFlight first = inFlight.getFirst();
        Row wider;
        if (errors == ErrorPolicy.FAIL) {
            wider = wider(first.row(), first.pending().await());
        } else {
            Object value = null;
            String error = null;
            try {
                value = first.pending().await();
            } catch (IllegalArgumentException e) {
                error = e.getMessage();
            }
            wider = wider(first.row(), value, error);
        }
        inFlight.removeFirst();
        return wider;
    }

    private static Row wider(Row row, Object... added) {
        Object[] values = new Object[row.size() + added.length];
        for (int i = 0; i < row.size(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(added, 0, values, row.size(), added.length);
        return RowFactory.create(values);
    }

    /** Has what is on its way end where it is. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            inFlight.forEach(each -> each.pending().cancel().run());
            inFlight.clear();
            end.run();
        }
    }
}
