// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import dev.kelvin.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The tables of a report: one for each question. */
public final class ReportTables {
    private final Report report;
    private final Roof roof;

    /** The tables of a report. */
    public ReportTables(Report report) {
        this.report = report;
        roof = new Roof(report);
    }

    /** What the machine and the JVM are. */
    public Table environment() {
        Table table = new Table("Where was measured?", "", "ll", "what", "value");
        Environment environment = report.environment();
        environment.facts().forEach(table::row);
        for (Cache cache : environment.caches()) {
            String shared = cache.sharers() > 1 ? ", shared by " + cache.sharers() + " processors" : " a processor";
            table.row(cache.name() + " data", Figures.size(cache.bytes()) + shared);
        }
        return table.row("memory", Figures.size(environment.memoryBytes()))
                .row("processors", Integer.toString(environment.processors()))
                .row(
                        "run",
                        report.run().mode() + ", "
                                + Figures.duration(report.run().seconds()) + ", "
                                + report.run().time());
    }

    /** Whether the figures can be believed. */
    public Table noise() {
        Noise noise = report.noise();
        Table table = new Table("Can this run be believed?", "", "ll", "what", "value")
                .row("verdict", noise.verdict().sentence())
                .row("a loop of fixed cycles varied by", Figures.finePercent(noise.spread()));
        for (int threads : report.threads()) {
            roof.arithmetic(Resource.FMA, threads)
                    .ifPresent(peak -> table.row(
                            "peak of multiply-adds on " + threads + (threads == 1 ? " thread" : " threads")
                                    + ", from JVM to JVM",
                            Figures.finePercent(peak.spread())));
        }
        return table.row("clock", Figures.fixed(noise.clock(), 2) + " GHz")
                .row(
                        "time that the hypervisor took",
                        Double.isNaN(noise.stolen()) ? "unknown" : Figures.finePercent(noise.stolen()));
    }

    /** What the machine can do at most. */
    public Table ceilings() {
        Table table = new Table(
                "What can this machine do at most?",
                "Plain loops that the JVM's compiler turns into vectors of that width, the best of all JVMs. The clock"
                        + " is that of a loop of fixed cycles right behind such a loop, while the processor still runs as"
                        + " it did for it. A cycle is one of one processor: two f32 multiply-adds of eight lanes are 32"
                        + " operations.",
                "lrrrrrl",
                "ceiling",
                "bits",
                "threads",
                "rate",
                "clock",
                "a cycle and thread",
                "each JVM");
        for (Ceiling ceiling : report.ceilings()) {
            Resource resource = ceiling.resource();
            boolean timed = Double.isFinite(ceiling.clock());
            double cycles = (timed ? ceiling.clock() : report.noise().clock()) * ceiling.threads();
            table.row(
                    resource.isArithmetic() ? resource.title() : ceiling.title(),
                    Integer.toString(ceiling.bits()),
                    Integer.toString(ceiling.threads()),
                    Figures.number(ceiling.rate()) + " " + resource.unit(),
                    timed ? Figures.fixed(ceiling.clock(), 2) + " GHz" : "",
                    Figures.number(ceiling.rate() / cycles) + (resource.isArithmetic() ? "" : " B"),
                    ceiling.forks().stream().map(Figures::number).collect(Collectors.joining(" ")));
        }
        return table;
    }

    /** What each family's kernels reached, a table each. */
    public List<Table> kernels() {
        List<Table> tables = new ArrayList<>();
        for (String family : report.families()) {
            Table table = new Table(
                    Families.title(family),
                    "",
                    "lllrrrrrlrllrl",
                    "kernel",
                    "shape",
                    "type",
                    "threads",
                    "time",
                    "GFLOP/s",
                    "GB/s",
                    "of ceiling",
                    "which binds",
                    "Kelvin ×",
                    "note",
                    "each JVM",
                    "B/call",
                    "error at most");
            report.results().stream()
                    .filter(result -> result.subject().family().equals(family))
                    .forEach(result -> table.row(kernel(table, result)));
            tables.add(table);
        }
        return tables;
    }

    private String[] kernel(Table table, Result result) {
        Subject subject = result.subject();
        Optional<Roof.Limit> limit = roof.limit(result);
        return new String[] {
            subject.isKelvin() ? subject.name() : subject.name() + " by " + subject.by(),
            subject.shape(),
            subject.type(),
            Integer.toString(subject.threads()),
            Figures.time(result.nanos()),
            Figures.number(result.operationRate()),
            Figures.number(result.byteRate()),
            limit.map(each -> Figures.percent(each.reached(result))).orElse(""),
            limit.map(each -> each.ceiling().shortTitle()).orElse(""),
            lead(result).map(Figures::number).orElse(""),
            result.marks().stream().map(table::footnote).collect(Collectors.joining(", ")),
            result.forks().stream().map(fork -> Figures.time(fork.nanos())).collect(Collectors.joining(", ")),
            Double.isNaN(result.allocated()) ? "" : Figures.fixed(result.allocated(), 0),
            result.bound()
        };
    }

    /** In the row of a peer, Kelvin's speed as a multiple of the peer's. */
    private Optional<Double> lead(Result result) {
        return result.subject().isKelvin()
                ? Optional.empty()
                : report.find(result.subject().byKelvin()).map(kelvin -> result.nanos() / kelvin.nanos());
    }

    /** The tokens a second that memory allows. */
    public Table tokens() {
        String[] header = new String[TokenRates.TYPES.size() + 1];
        header[0] = "weights, 10⁹";
        for (int i = 1; i < header.length; i++) {
            header[i] = TokenRates.TYPES.get(i - 1).name();
        }
        Table table = new Table(
                "How many tokens a second does this memory allow?",
                "A token reads each weight once: the rate of memory by the bytes of the weights, for one conversation."
                        + " Empty where they do not fit into memory. The last row is the part of that rate which"
                        + " Kelvin's product of one row reached in this run.",
                "l" + "r".repeat(header.length - 1),
                header);
        TokenRates rates = new TokenRates(report);
        for (double billions : TokenRates.BILLIONS) {
            table.row(cells(Figures.number(billions), type -> rates.allowed(type, billions)
                    .map(Figures::number)));
        }
        return table.row(cells("reached", type -> rates.reached(type).map(Figures::percent)));
    }

    private static String[] cells(String first, Function<DType, Optional<String>> each) {
        List<String> cells = new ArrayList<>(List.of(first));
        TokenRates.TYPES.forEach(type -> cells.add(each.apply(type).orElse("")));
        return cells.toArray(String[]::new);
    }

    /** What other options of the JVM change; empty without a sweep. */
    public Optional<Table> sweep() {
        if (report.sweep().isEmpty()) {
            return Optional.empty();
        }
        Table table = new Table(
                "What do other options of the JVM change?",
                "Times the speed of this report's own options, the median of the JVMs of each; in brackets where the"
                        + " intervals of both overlap or the difference is below 5 %.",
                "lllrrl",
                "options",
                "kernel",
                "type",
                "time",
                "× as fast",
                "remarks");
        for (Variant variant : report.sweep()) {
            if (!variant.refused().isEmpty()) {
                table.row(variant.name(), "", "", "", "", variant.refused());
            }
            for (Result result : variant.results()) {
                Optional<Difference> difference =
                        report.find(result.subject()).map(base -> new Difference(base, result));
                table.row(
                        variant.name(),
                        result.subject().name() + " " + result.subject().shape(),
                        result.subject().type(),
                        Figures.time(result.nanos()),
                        difference.map(Difference::text).orElse(""),
                        String.join("; ", result.marks()));
            }
        }
        return Optional.of(table);
    }
}
