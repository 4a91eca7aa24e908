// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What a kernel took in several JVMs.
 *
 * @param subject what was measured
 * @param cost what a call has to do
 * @param bound how wrong an element can be at most; empty if nothing is promised
 * @param remarks what a reader must know, as a known defect of a peer
 * @param forks a JVM each; empty if it failed in all
 * @param failure why a JVM has no time; empty if none failed
 */
public record Result(
        Subject subject, Cost cost, String bound, List<String> remarks, List<ForkTime> forks, String failure) {
    /** Nanoseconds of a call: the median of the JVMs, NaN if there is none. */
    public double nanos() {
        double[] ascending =
                forks.stream().mapToDouble(ForkTime::nanos).sorted().toArray();
        int middle = ascending.length / 2;
        if (ascending.length == 0) {
            return Double.NaN;
        }
        return ascending.length % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
    }

    /** The fastest sample of any JVM, in nanoseconds. */
    public double low() {
        return forks.stream().mapToDouble(ForkTime::low).min().orElse(Double.NaN);
    }

    /** The slowest sample of any JVM, in nanoseconds. */
    public double high() {
        return forks.stream().mapToDouble(ForkTime::high).max().orElse(Double.NaN);
    }

    /** Operations a nanosecond. */
    public double operationRate() {
        return cost.operations() / nanos();
    }

    /** Bytes a nanosecond. */
    public double byteRate() {
        return cost.bytes() / nanos();
    }

    /** Bytes on the heap a call, in the JVM that put most there; NaN if unknown. */
    public double allocated() {
        return forks.stream().mapToDouble(ForkTime::allocated).max().orElse(Double.NaN);
    }

    /** What is to be told beside the time: marks of boxed and uncompiled JVMs, failures, remarks. */
    public List<String> marks() {
        List<String> marks = new ArrayList<>();
        long boxed = forks.stream().filter(ForkTime::boxed).count();
        long uncompiled = forks.stream().filter(ForkTime::uncompiled).count();
        if (boxed > 0) {
            marks.add("boxed in " + boxed + " of " + forks.size() + " JVMs");
        }
        if (uncompiled > 0) {
            marks.add("compiled while measured in " + uncompiled + " of " + forks.size() + " JVMs");
        }
        if (!failure.isEmpty()) {
            marks.add("failed: " + failure);
        }
        marks.addAll(remarks);
        return marks;
    }

    /** Whether its time says nothing: all JVMs failed, boxed or still compiled. */
    public boolean doubtful() {
        return forks.stream().allMatch(fork -> fork.boxed() || fork.uncompiled());
    }
}
