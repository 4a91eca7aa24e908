// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/**
 * The heads of an attention layer: query head h reads key and value head h / (count / kvCount).
 *
 * @param count H, query heads
 * @param kvCount Hkv, key and value heads; divides {@code count}
 * @param dim Dh, elements of a head
 */
public record Heads(int count, int kvCount, int dim) {
    /** Checks that they fit together. */
    public Heads {
        if (count < 1 || kvCount < 1 || dim < 1 || count % kvCount != 0 || (long) count * dim > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("plan: heads must be a multiple of kvHeads, all positive, and heads *"
                    + " headDim below 2^31, but heads = " + count + ", kvHeads = " + kvCount + ", headDim = " + dim);
        }
    }

    /** H · Dh, the elements of a row of queries. */
    public int queryDim() {
        return count * dim;
    }

    /** Hkv · Dh, the elements of a row of keys, and of values. */
    public int kvDim() {
        return kvCount * dim;
    }
}
