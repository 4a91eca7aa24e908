// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.peer;

import java.util.List;
import java.util.Optional;

/**
 * Somebody else who computes what Kelvin computes. Each is measured in JVMs of its own, with the options that its
 * documentation recommends and none of Kelvin's; its answer is compared with one in double precision before any time is
 * taken.
 *
 * <p>An implementation has a public constructor without parameters and is named in
 * {@code META-INF/services/dev.kelvin.cli.roofline.peer.Peer}. It is used by one thread. No parameter is null.
 */
public interface Peer {
    /** Its name in tables, a word: {@code Lucene}. */
    String name();

    /** What it is, to the version: {@code org.apache.lucene:lucene-core 10.6.0}. */
    String version();

    /** Options of the JVM that its documentation recommends. */
    default List<String> jvmOptions() {
        return List.of();
    }

    /** Why it cannot compute on this machine, in a sentence without a full stop; empty if it can. */
    default Optional<String> missing() {
        return Optional.empty();
    }

    /**
     * Whether it has something for a problem on so many threads. Nothing of the problem's arrays may be looked at.
     *
     * @param problem what is to be computed
     * @param threads how many threads it may use, and no more
     */
    boolean solves(Problem problem, int threads);

    /**
     * Takes over the operands in the form that its documentation recommends, which costs no measured time.
     *
     * @param problem one that it {@link #solves}
     * @param threads how many threads it may use, and no more
     * @return what is timed
     * @throws Exception if it fails; the report says so
     */
    Computation prepare(Problem problem, int threads) throws Exception;

    /** What is known to be wrong with its speed at a problem's shape, with the source. */
    default Optional<Defect> defect(Problem problem) {
        return Optional.empty();
    }
}
