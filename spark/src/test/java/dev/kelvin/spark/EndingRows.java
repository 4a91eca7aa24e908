// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.util.Iterator;
import org.apache.spark.sql.Row;

/** Rows that end the JVM behind a number of them, as a lack of memory would. */
final class EndingRows implements Iterator<Row> {
    private final Iterator<Row> rows;
    private int left;

    EndingRows(Iterator<Row> rows, int left) {
        this.rows = rows;
        this.left = left;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public Row next() {
        if (left-- == 0) {
            Runtime.getRuntime().halt(1);
        }
        return rows.next();
    }
}
