// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark with one set of parameters came to, over all its forks.
 *
 * @param group its class
 * @param name its method
 * @param params the values of its parameters, in the order of their names
 * @param threads that took part
 * @param nanos of a call
 * @param flops floating-point operations a nanosecond; 0 if it counts none
 * @param bytes moved a nanosecond; 0 if it counts none
 * @param allocated bytes on the heap a call; NaN if not measured
 * @param forks nanoseconds of a call, one fork each
 */
record Measured(
        String group,
        String name,
        Map<String, String> params,
        int threads,
        double nanos,
        double flops,
        double bytes,
        double allocated,
        List<Double> forks) {
    static Measured of(RunResult result) {
        BenchmarkParams params = result.getParams();
        String[] path = params.getBenchmark().split("\\.", -1);
        Map<String, String> values = new LinkedHashMap<>();
        for (String key : params.getParamsKeys()) {
            values.put(key, params.getParam(key));
        }
        String threads = values.get("threads");
        List<Double> forks = new ArrayList<>();
        result.getBenchmarkResults()
                .forEach(fork -> forks.add(1 / fork.getPrimaryResult().getScore()));
        return new Measured(
                path[path.length - 2],
                path[path.length - 1],
                values,
                threads == null ? params.getThreads() : Integer.parseInt(threads),
                1 / result.getPrimaryResult().getScore(),
                rate(result, "flops", 0),
                rate(result, "bytes", 0),
                rate(result, "gc.alloc.rate.norm", Double.NaN),
                forks);
    }

    private static double rate(RunResult result, String counter, double missing) {
        Result<?> secondary = result.getSecondaryResults().get(counter);
        return secondary == null ? missing : secondary.getScore();
    }

    /** Its name and parameters, one of them with another value. */
    String label(String otherName, String key, String value) {
        StringBuilder label = new StringBuilder(otherName);
        params.forEach((k, v) -> label.append(' ').append(k).append('=').append(k.equals(key) ? value : v));
        return label.toString();
    }

    String label() {
        return label(name, "", "");
    }
}
