// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * A cache that holds data.
 *
 * @param level 1, 2, 3 …
 * @param bytes of one instance
 * @param sharers how many processors share an instance
 */
public record Cache(int level, long bytes, int sharers) {
    /** Its name in tables. */
    public String name() {
        return "L" + level;
    }

    /** What so many threads find in it together, one a processor. */
    public long capacity(int threads) {
        return bytes * Math.ceilDiv(threads, sharers);
    }
}
