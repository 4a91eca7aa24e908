// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.Environment;
import dev.kelvin.cli.roofline.report.Fields;
import dev.kelvin.cli.roofline.report.Noise;
import dev.kelvin.cli.roofline.report.Report;
import dev.kelvin.cli.roofline.report.Run;
import dev.kelvin.cli.roofline.report.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Measures a machine: ceilings, then every family of kernels and every peer in turn, and that again in further JVMs, so
 * that what the machine does meanwhile meets all alike.
 */
public final class Survey {
    private final Request request;
    private final ForkProcess process;
    private final Observer observer;
    private final Findings findings = new Findings();
    private final List<PeerNote> peers = new ArrayList<>();
    private final Map<String, Double> took = new HashMap<>();
    private final long begin = System.nanoTime();
    private int done;
    private int total;
    private int skipped;

    /**
     * What is asked for.
     *
     * @param mode how much
     * @param forks JVMs a family, however long they take; empty for as many as the mode has and its time allows
     * @param threads the most that are used
     * @param families which kernels
     * @param sweep whether other options of the JVM are tried
     * @param peers a jar with peers; plain loops are always there
     */
    public record Request(
            Mode mode, OptionalInt forks, int threads, Set<Family> families, boolean sweep, Optional<Path> peers) {
        int rounds() {
            return forks.orElse(mode.forks());
        }

        int peerRounds() {
            return forks.orElse(mode.peerForks());
        }
    }

    /** Is told how far the survey is. */
    public interface Observer {
        /** So many of so many measurements are done. */
        void at(long done, long total);

        /** A sentence about something that is left out. */
        void remark(String sentence);
    }

    /** What a peer says of itself. */
    private record PeerNote(String name, String version, List<String> options, String missing, int cases) {}

    private Survey(Request request, Observer observer) {
        this.request = request;
        this.observer = observer;
        process = new ForkProcess(request.peers());
    }

    /**
     * Measures; takes a minute or some.
     *
     * @param request what
     * @param program the version of Kelvin, for the report
     * @param observer is told how far it is
     * @throws IOException if a JVM cannot be started or fails: the message has its last words
     * @throws InterruptedException if the thread is interrupted; the JVM that runs is ended
     */
    public static Report run(Request request, String program, Observer observer)
            throws IOException, InterruptedException {
        return new Survey(request, observer).report(program);
    }

    private Report report(String program) throws IOException, InterruptedException {
        Instant time = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Optional<long[]> ticks = Machine.ticks();
        Plan plan = Plan.of(request.mode().word(), Integer.toString(request.threads()), families());
        if (request.families().stream().anyMatch(PeerCases::hasPeers)) {
            process.peers(List.of(), arguments(Fork.PEERS), this::take);
        }
        int cases = request.families().stream()
                .mapToInt(family -> family.cases(plan).size())
                .sum();
        List<Sweep.Options> sweep = request.sweep() ? Sweep.options() : List.of();
        total = (cases + (plan.quick() ? 0 : Findings.CEILINGS)) * request.rounds()
                + Findings.CEILINGS
                + peers.stream().mapToInt(PeerNote::cases).sum() * request.peerRounds()
                + sweep.size() * Sweep.cases(plan).size() * request.rounds();
        ceilings();
        for (int round = 0; round < request.rounds(); round++) {
            round(round);
        }
        if (skipped > 0) {
            observer.remark("this machine takes longer than a " + request.mode().word() + " run has: " + skipped
                    + " JVMs were not started, --forks " + request.rounds() + " starts all");
        }
        List<Variant> variants = new ArrayList<>();
        for (Sweep.Options options : sweep) {
            variants.add(variant(options));
        }
        observer.at(total, total);
        Environment environment = findings.environment();
        peers.forEach(peer -> environment
                .facts()
                .put("peer " + peer.name(), peer.version() + (peer.missing().isEmpty() ? "" : ": " + peer.missing())));
        return new Report(
                new Run(time.toString(), program, request.mode().word(), seconds()),
                environment,
                new Noise(findings.pulses(), Pulse.CYCLES, stolen(ticks)),
                findings.ceilings(),
                findings.results(),
                variants);
    }

    private List<String> arguments(String what, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of(what, request.mode().word(), Integer.toString(request.threads()), families()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private String families() {
        return words(request.families());
    }

    private static String words(Collection<Family> families) {
        return String.join(",", families.stream().map(Family::word).toList());
    }

    /** The machine's own vectors first, then narrower ones. */
    private void ceilings() throws IOException, InterruptedException {
        process.kelvin(List.of(), arguments(Fork.CEILINGS), this::take);
        int widest = findings.ceilings().stream().mapToInt(Ceiling::bits).max().orElse(0);
        for (int bits = widest / 2; bits >= 128; bits /= 2) {
            List<String> options = List.of(
                    "-XX:+IgnoreUnrecognizedVMOptions",
                    "-XX:MaxVectorSize=" + bits / 8,
                    "-XX:SuperWordMaxVectorSize=" + bits / 8);
            attempt(0, bits + " bits", () -> process.kelvin(options, arguments(Fork.PEAKS), this::take));
        }
    }

    private void round(int round) throws InterruptedException {
        if (request.mode() == Mode.FULL && round > 0) {
            attempt(round, Fork.CEILINGS, () -> process.kelvin(List.of(), arguments(Fork.CEILINGS), this::take));
        }
        for (List<Family> group :
                Family.groups(request.families(), request.mode().quick())) {
            String words = words(group);
            attempt(round, words, () -> process.kelvin(List.of(), arguments(words), this::take));
        }
        for (PeerNote peer : round < request.peerRounds() ? peers : List.<PeerNote>of()) {
            if (peer.missing().isEmpty()) {
                attempt(
                        round,
                        peer.name(),
                        () -> process.peers(peer.options(), arguments(Fork.PEER, peer.name()), this::take));
            } else if (round == 0) {
                observer.remark(peer.name() + " is left out: " + peer.missing());
            }
        }
    }

    /** Work of one JVM. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Runs a JVM, unless it is not the first of its kind and would end too late. One that fails does not end a survey
     * of many: what it found until then stays.
     */
    private void attempt(int round, String what, Work work) throws InterruptedException {
        double start = seconds();
        boolean late = start + took.getOrDefault(what, 0.0) > request.mode().seconds();
        if (round > 0 && late && request.forks().isEmpty()) {
            skipped++;
            return;
        }
        try {
            work.run();
        } catch (IOException e) {
            observer.remark(what + ": a JVM failed: " + e.getMessage());
        }
        took.merge(what, seconds() - start, Math::max);
    }

    /** Since the survey began. */
    private double seconds() {
        return (System.nanoTime() - begin) * 1e-9;
    }

    private Variant variant(Sweep.Options options) throws InterruptedException {
        Findings varied = new Findings();
        String[] refused = {options.refused()};
        if (refused[0].isEmpty()) {
            List<String> all = new ArrayList<>(List.of("-XX:+IgnoreUnrecognizedVMOptions"));
            all.addAll(options.options());
            try {
                for (int fork = 0; fork < request.rounds(); fork++) {
                    process.kelvin(all, arguments(Fork.SWEEP), line -> {
                        varied.take(line);
                        step(line);
                    });
                }
            } catch (IOException e) {
                refused[0] = String.valueOf(e.getMessage());
            }
        }
        return new Variant(options.name(), options.options(), refused[0], varied.results());
    }

    private void take(Fields line) throws IOException {
        if (line.has("peer")) {
            Fields peer = line.object("peer");
            peers.add(new PeerNote(
                    peer.text("name"), peer.text("version"), peer.words("options"), peer.text("missing"), (int)
                            peer.whole("cases")));
        } else {
            findings.take(line);
            step(line);
        }
    }

    private void step(Fields line) {
        if (line.has("result") || line.has("ceiling")) {
            done++;
            observer.at(Math.min(done, total - 1), total);
        }
    }

    /** The share of processor time since then that a hypervisor gave to others. */
    private static double stolen(Optional<long[]> before) {
        Optional<long[]> after = Machine.ticks();
        if (before.isEmpty() || after.isEmpty()) {
            return Double.NaN;
        }
        double all = after.get()[0] - before.get()[0];
        return all <= 0 ? 0 : (after.get()[1] - before.get()[1]) / all;
    }
}
