// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.Environment;
import dev.kelvin.cli.roofline.report.Fields;
import dev.kelvin.cli.roofline.report.ForkTime;
import dev.kelvin.cli.roofline.report.ReportJson;
import dev.kelvin.cli.roofline.report.Result;
import dev.kelvin.cli.roofline.report.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What JVMs have said, those of the same thing together. */
final class Findings {
    /** Ceilings of a machine with three caches, about: a bar of progress needs no more. */
    static final int CEILINGS = 30;

    private final Map<Subject, Result> results = new LinkedHashMap<>();
    private final List<Ceiling> ceilings = new ArrayList<>();
    private final List<Double> pulses = new ArrayList<>();
    private Environment environment;

    /** Takes a line of {@link Fork}. */
    void take(Fields line) throws IOException {
        if (line.has("result")) {
            Result result = ReportJson.result(line.object("result"));
            results.merge(result.subject(), result, Findings::together);
        } else if (line.has("ceiling")) {
            ceiling(ReportJson.ceiling(line.object("ceiling")));
        } else if (line.has("pulses")) {
            Arrays.stream(line.numbers("pulses")).forEach(pulses::add);
        } else if (line.has("environment")) {
            environment = ReportJson.environment(line.object("environment"));
        }
    }

    private static Result together(Result one, Result other) {
        List<ForkTime> forks = new ArrayList<>(one.forks());
        forks.addAll(other.forks());
        String failure = one.failure().isEmpty() ? other.failure() : one.failure();
        return new Result(one.subject(), one.cost(), one.bound(), one.remarks(), List.copyOf(forks), failure);
    }

    private void ceiling(Ceiling found) {
        for (int i = 0; i < ceilings.size(); i++) {
            if (ceilings.get(i).isLike(found)) {
                ceilings.set(i, ceilings.get(i).with(found));
                return;
            }
        }
        ceilings.add(found);
    }

    Environment environment() throws IOException {
        if (environment == null) {
            throw new IOException("no JVM has said where it runs");
        }
        return environment;
    }

    double[] pulses() {
        return pulses.stream().mapToDouble(Double::doubleValue).toArray();
    }

    List<Ceiling> ceilings() {
        return List.copyOf(ceilings);
    }

    List<Result> results() {
        return List.copyOf(results.values());
    }
}
