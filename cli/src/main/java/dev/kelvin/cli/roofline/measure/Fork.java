// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.peer.Peer;
import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.ForkTime;
import dev.kelvin.cli.roofline.report.ReportJson;
import dev.kelvin.cli.roofline.report.Result;
import dev.kelvin.format.json.JsonWriter;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A JVM that measures one thing and ends. Standard output carries a line of JSON for each thing that was found, an
 * object with one field: {@code environment}, {@code pulses}, {@code ceiling}, {@code result} or {@code peer}.
 */
public final class Fork {
    /** Measures ceilings, all or those of arithmetic. */
    static final String CEILINGS = "ceilings";

    static final String PEAKS = "peaks";

    /** Tells which peers there are, or measures the one that is named. */
    static final String PEERS = "peers";

    static final String PEER = "peer";

    /** Measures the kernels of a sweep. */
    static final String SWEEP = "sweep";

    private static final int PULSES = 8;

    private final PrintStream out;
    private final Plan plan;

    private Fork(PrintStream out, Plan plan) {
        this.out = out;
        this.plan = plan;
    }

    /**
     * Measures.
     *
     * @param args what, which may be families with commas; a {@link Mode}, a number of threads, all {@link Family
     *     families} of the survey with commas, and for a peer its name
     */
    public static void main(String[] args) {
        // Whatever else writes to standard output, as a library that greets, must not stand between the lines.
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Fork fork = new Fork(out, Plan.of(args[1], args[2], args[3]));
        fork.say("pulses", pulses());
        switch (args[0]) {
            case CEILINGS -> fork.ceilings();
            case PEAKS -> fork.peaks();
            case PEERS -> fork.peers();
            case PEER -> fork.peer(args[4]);
            case SWEEP -> fork.cases(Sweep.cases(fork.plan));
            default -> fork.families(args[0]);
        }
        fork.say("pulses", pulses());
        System.exit(0); // whatever threads a library has left
    }

    private static List<Double> pulses() {
        return Arrays.stream(Pulse.take(PULSES)).boxed().toList();
    }

    private void say(String name, Object value) {
        out.println(JsonWriter.write(Map.of(name, value)));
    }

    private void ceilings() {
        say("environment", ReportJson.environment(Machine.environment()));
        for (int threads : plan.counts()) {
            try (CeilingRounds ceilings = new CeilingRounds(threads, Machine.vectorBits())) {
                say(ceilings.multiplyAdd());
                say(ceilings.integer());
                ceilings.moved(Machine.caches()).forEach(this::say);
            }
        }
    }

    private void peaks() {
        for (int threads : plan.counts()) {
            try (CeilingRounds ceilings = new CeilingRounds(threads, Machine.vectorBits())) {
                say(ceilings.multiplyAdd());
                say(ceilings.integer());
            }
        }
    }

    private void say(Ceiling ceiling) {
        say("ceiling", ReportJson.ceiling(ceiling));
    }

    private void peers() {
        for (Peer peer : PeerCases.peers()) {
            String missing = peer.missing().orElse("");
            say(
                    "peer",
                    Map.of(
                            "name", peer.name(),
                            "version", peer.version(),
                            "options", peer.jvmOptions(),
                            "missing", missing,
                            "cases",
                                    missing.isEmpty()
                                            ? PeerCases.cases(peer, plan).size()
                                            : 0));
        }
    }

    private void peer(String name) {
        for (Peer peer : PeerCases.peers()) {
            if (peer.name().equals(name)) {
                cases(PeerCases.cases(peer, plan));
            }
        }
    }

    private void families(String words) {
        for (String word : words.split(",", -1)) {
            cases(Family.valueOf(word.toUpperCase(Locale.ROOT)).cases(plan));
        }
    }

    private void cases(List<Case> cases) {
        for (Case each : cases) {
            List<ForkTime> times = List.of();
            String failure = "";
            try (Computation computation = each.setup().prepare()) {
                times = List.of(plan.mode().stopwatch().time(computation));
            } catch (Exception | LinkageError | OutOfMemoryError e) {
                failure = String.valueOf(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            }
            say(
                    "result",
                    ReportJson.result(
                            new Result(each.subject(), each.cost(), each.bound(), each.remarks(), times, failure)));
        }
    }
}
