// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.AttentionMask;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.RowSpans;

/** What operations on keys and values in pages demand. */
@SuppressWarnings("ReferenceEquality") // Whether a tensor lies in a page is a question of identity.
final class KvChecks {
    private KvChecks() {}

    /** Demands a row for each row of the spans, [R, heads·dim]. */
    static void rows(String operation, String name, HeapTensor x, String dimName, int dim, int heads, KvRows rows) {
        int expected = rows.spans().rows();
        if (x.rows() != expected || x.columns() != (long) heads * dim) {
            throw new IllegalArgumentException(operation + ": " + name + " " + x.shape() + " must be [" + expected
                    + " rows of the spans, " + heads + " heads x " + dimName + " " + dim + "]");
        }
    }

    /** Demands a page of the slice's size for whatever some row sees. */
    static void pages(String operation, KvRows rows, AttentionMask mask) {
        RowSpans spans = rows.spans();
        for (int span = 0; span < spans.count(); span++) {
            pages(operation, rows, span, mask.begin(spans.position(span)));
        }
    }

    /** Demands a page of the slice's size for each position of a span from one on. */
    static void pages(String operation, KvRows rows, int span, int from) {
        if (span >= rows.pages().length || rows.pages()[span] == null) {
            throw new IllegalArgumentException(operation + ": span " + span + " has no pages");
        }
        KvPage[] pages = rows.pages()[span];
        int needed = rows.slice().end();
        int last = (rows.spans().end(span) - 1) / KvPage.POSITIONS;
        for (int i = from / KvPage.POSITIONS; i <= last; i++) {
            if (i >= pages.length || pages[i] == null) {
                throw new IllegalArgumentException(operation + ": span " + span + " has no page for the positions from "
                        + (long) i * KvPage.POSITIONS + " on");
            }
            if (pages[i].size() < needed) {
                throw new IllegalArgumentException(operation + ": page " + i + " of span " + span + " has "
                        + pages[i].size() + " elements, where " + rows.slice() + " needs " + needed);
            }
        }
        boolean blocks = pages[last].type() == DType.Q8_0;
        if (blocks && (rows.slice().keyDim() % 32 != 0 || rows.slice().valueDim() % 32 != 0)) {
            throw new IllegalArgumentException(
                    operation + ": Q8_0 keeps keys and values whose heads are multiples of 32," + " not those of "
                            + rows.slice());
        }
    }

    /** Demands that a tensor lies outside all pages. */
    static void outside(String operation, String name, HeapTensor x, KvRows rows) {
        for (int span = 0; span < rows.spans().count(); span++) {
            for (KvPage page : rows.pages()[span]) {
                if (page instanceof F32KvPage floats && floats.elements() == x.data()) {
                    throw new IllegalArgumentException(
                            operation + ": " + name + " " + x.shape() + " must not lie in a page of span " + span);
                }
            }
        }
    }
}
