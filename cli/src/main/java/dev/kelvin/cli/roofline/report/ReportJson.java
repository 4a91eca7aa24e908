// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A report as JSON, of the schema {@value #SCHEMA} that {@code docs/roofline-report.md} describes. What is unknown is
 * null. What was read is written with the same values.
 */
public final class ReportJson {
    /** The value of the field {@code schema}. The number changes when a reader of the old one would go wrong. */
    public static final String SCHEMA = "kelvin-roofline/1";

    private ReportJson() {}

    /** The text of a report. */
    public static String write(Report report) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("schema", SCHEMA);
        fields.put("run", run(report.run()));
        fields.put("environment", environment(report.environment()));
        fields.put("noise", noise(report.noise()));
        fields.put("ceilings", map(report.ceilings(), ReportJson::ceiling));
        fields.put("results", map(report.results(), ReportJson::result));
        fields.put("sweep", map(report.sweep(), ReportJson::variant));
        return JsonWriter.write(fields, 1) + "\n";
    }

    /**
     * The report of a text.
     *
     * @throws IOException if it is not one of this schema: the message names the field
     */
    public static Report read(byte[] utf8) throws IOException {
        Fields fields = new Fields(JsonReader.read(utf8), "report");
        String schema = fields.text("schema");
        if (!schema.equals(SCHEMA)) {
            throw new IOException("report.schema is " + schema + ", expected " + SCHEMA);
        }
        return new Report(
                run(fields.object("run")),
                environment(fields.object("environment")),
                noise(fields.object("noise")),
                fields.list("ceilings", ReportJson::ceiling),
                fields.list("results", ReportJson::result),
                fields.list("sweep", ReportJson::variant));
    }

    /** A number that JSON has a word for, or null. */
    private static Object number(double value) {
        return Double.isFinite(value) ? (Object) value : null;
    }

    private static List<Object> numbers(double[] values) {
        return Arrays.stream(values).mapToObj(ReportJson::number).toList();
    }

    private static Map<String, Object> run(Run run) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", run.time());
        fields.put("program", run.program());
        fields.put("mode", run.mode());
        fields.put("seconds", number(run.seconds()));
        return fields;
    }

    private static Run run(Fields fields) throws IOException {
        return new Run(fields.text("time"), fields.text("program"), fields.text("mode"), fields.number("seconds"));
    }

    /** What a JVM says of where it runs. */
    public static Map<String, Object> environment(Environment environment) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("facts", environment.facts());
        fields.put("caches", map(environment.caches(), ReportJson::cache));
        fields.put("memoryBytes", environment.memoryBytes());
        fields.put("processors", environment.processors());
        fields.put("laneBits", environment.laneBits());
        return fields;
    }

    /** The reverse of {@link #environment(Environment)}. */
    public static Environment environment(Fields fields) throws IOException {
        return new Environment(
                fields.texts("facts"),
                fields.list("caches", ReportJson::cache),
                fields.whole("memoryBytes"),
                (int) fields.whole("processors"),
                (int) fields.whole("laneBits"));
    }

    private static Map<String, Object> cache(Cache cache) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("level", cache.level());
        fields.put("bytes", cache.bytes());
        fields.put("sharers", cache.sharers());
        return fields;
    }

    private static Cache cache(Fields fields) throws IOException {
        return new Cache((int) fields.whole("level"), fields.whole("bytes"), (int) fields.whole("sharers"));
    }

    private static Map<String, Object> noise(Noise noise) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("verdict", noise.verdict().name().toLowerCase(Locale.ROOT));
        fields.put("pulses", numbers(noise.pulses()));
        fields.put("cycles", number(noise.cycles()));
        fields.put("stolen", number(noise.stolen()));
        return fields;
    }

    private static Noise noise(Fields fields) throws IOException {
        return new Noise(fields.numbers("pulses"), fields.number("cycles"), fields.number("stolen"));
    }

    /** A ceiling, as a JVM that measured it says it too. */
    public static Map<String, Object> ceiling(Ceiling ceiling) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("resource", ceiling.resource().word());
        fields.put("level", ceiling.level());
        fields.put("bits", ceiling.bits());
        fields.put("threads", ceiling.threads());
        fields.put("rate", number(ceiling.rate()));
        fields.put("forks", ceiling.forks());
        fields.put("clock", number(ceiling.clock()));
        return fields;
    }

    /** The reverse of {@link #ceiling(Ceiling)}. */
    public static Ceiling ceiling(Fields fields) throws IOException {
        return new Ceiling(
                fields.resource("resource"),
                fields.text("level"),
                (int) fields.whole("bits"),
                (int) fields.whole("threads"),
                Arrays.stream(fields.numbers("forks")).boxed().toList(),
                fields.has("clock") ? fields.number("clock") : Double.NaN); // older reports have none
    }

    /** A result, as a JVM that measured it says it too. */
    public static Map<String, Object> result(Result result) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Subject subject = result.subject();
        fields.put("by", subject.by());
        fields.put("family", subject.family());
        fields.put("name", subject.name());
        fields.put("shape", subject.shape());
        fields.put("type", subject.type());
        fields.put("threads", subject.threads());
        Cost cost = result.cost();
        fields.put("operations", number(cost.operations()));
        fields.put("bytes", number(cost.bytes()));
        fields.put("workingSet", cost.workingSet());
        fields.put("arithmetic", cost.arithmetic().word());
        fields.put("traffic", cost.traffic().word());
        fields.put("nanos", number(result.nanos()));
        fields.put("forks", map(result.forks(), ReportJson::fork));
        fields.put("bound", result.bound());
        fields.put("remarks", result.remarks());
        fields.put("failure", result.failure());
        return fields;
    }

    /** The reverse of {@link #result(Result)}. */
    public static Result result(Fields fields) throws IOException {
        Subject subject = new Subject(
                fields.text("by"),
                fields.text("family"),
                fields.text("name"),
                fields.text("shape"),
                fields.text("type"),
                (int) fields.whole("threads"));
        Cost cost = new Cost(
                fields.number("operations"),
                fields.number("bytes"),
                fields.whole("workingSet"),
                fields.resource("arithmetic"),
                fields.resource("traffic"));
        return new Result(
                subject,
                cost,
                fields.text("bound"),
                fields.words("remarks"),
                fields.list("forks", ReportJson::fork),
                fields.text("failure"));
    }

    private static Map<String, Object> fork(ForkTime fork) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("nanos", number(fork.nanos()));
        fields.put("low", number(fork.low()));
        fields.put("high", number(fork.high()));
        fields.put("allocated", number(fork.allocated()));
        fields.put("compiling", number(fork.compiling()));
        return fields;
    }

    private static ForkTime fork(Fields fields) throws IOException {
        return new ForkTime(
                fields.number("nanos"),
                fields.number("low"),
                fields.number("high"),
                fields.number("allocated"),
                fields.number("compiling"));
    }

    private static Map<String, Object> variant(Variant variant) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", variant.name());
        fields.put("options", variant.options());
        fields.put("refused", variant.refused());
        fields.put("results", map(variant.results(), ReportJson::result));
        return fields;
    }

    private static Variant variant(Fields fields) throws IOException {
        return new Variant(
                fields.text("name"),
                fields.words("options"),
                fields.text("refused"),
                fields.list("results", ReportJson::result));
    }

    private static <T> List<Map<String, Object>> map(List<T> values, Function<T, Map<String, Object>> each) {
        return values.stream().map(each).toList();
    }
}
