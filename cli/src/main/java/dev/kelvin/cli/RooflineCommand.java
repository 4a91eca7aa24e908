// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.cli.roofline.measure.Family;
import dev.kelvin.cli.roofline.measure.Mode;
import dev.kelvin.cli.roofline.measure.Survey;
import dev.kelvin.cli.roofline.report.Report;
import dev.kelvin.cli.roofline.report.ReportFolder;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin roofline}: what fraction of this machine the JVM reaches. */
@Command(
        name = "roofline",
        header = "Measure what fraction of this machine Java reaches.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin roofline [--quick] [--out=FOLDER] [OPTION]..."},
        sortOptions = false,
        description = {
            "",
            "Measures what the machine can do at most: multiply-adds of each width of vectors, and reading, copying and "
                    + "writing in each level of memory. Then every family of kernels at the sizes of language models, "
                    + "each as a part of the ceiling that binds it, in several JVMs, since the same code settles in fast "
                    + "and slow shapes; and other libraries at the same problems, if there is a jar of them.",
            "",
            "Writes report.html, report.json, report.svg and report.md to a folder, and a summary here. The page needs "
                    + "no network.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin roofline --quick",
            "  kelvin roofline --only gemv,quantized --out today",
            "  kelvin roofline --from today --compare yesterday --out difference"
        })
final class RooflineCommand extends Subcommand {
    private static final String PEERS = "bench/target/benchmarks.jar";

    @Option(
            names = "--quick",
            description = "A kernel or two of each family, in under a minute on two processors; all of them take five.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = "kelvin-roofline",
            description = "Where the report goes. Default: ${DEFAULT-VALUE}.")
    private Path out;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "FAMILY,...",
            hideParamSyntax = true,
            description = "These kernels alone: gemm, gemv, quantized, softmax, rows, attention, sampler, loss, "
                    + "training, vectors.")
    private String[] only;

    @Option(
            names = "--forks",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "JVMs for each family, however long they take. Default: 3, or 2 with --quick, as far as 5.5 "
                    + "minutes, or 45 seconds, allow.")
    private Integer forks;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(
            names = "--peers",
            paramLabel = "JAR",
            description = "Other libraries to be measured, as docs/howto/add-a-competitor.md says. Default: " + PEERS
                    + " of the checkout, if it is built.")
    private Path peers;

    @Option(
            names = "--sweep",
            description = "Also with other options of the JVM: lanes of 0, 128, 256 and 512 bits, -XX:UseAVX.")
    private boolean sweep;

    @Option(
            names = "--compare",
            paramLabel = "REPORT",
            description = "Put the report beside another: its report.json, or its folder.")
    private Path compare;

    @Option(
            names = "--from",
            paramLabel = "REPORT",
            description = "Measure nothing: draw this report.json, or that of this folder, again.")
    private Path from;

    RooflineCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException, InterruptedException {
        if (from != null && (quick || sweep || only != null || forks != null || peers != null)) {
            throw usage("--from measures nothing: --quick, --sweep, --only, --forks and --peers mean nothing with it");
        }
        Set<Family> families = families();
        Optional<Report> other = compare == null ? Optional.empty() : Optional.of(ReportFolder.read(compare));
        Report report = from == null ? measure(families) : ReportFolder.read(from);
        ReportFolder.write(out, report, other);
        new RooflineSummary(terminal, report).print(other);
        terminal.line("");
        terminal.line("  report: " + out.resolve("report.html"));
    }

    private Set<Family> families() {
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (String word : only == null ? new String[0] : only) {
            try {
                families.add(Family.valueOf(word.strip().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                String all = String.join(
                        ", ",
                        EnumSet.allOf(Family.class).stream().map(Family::word).toList());
                throw usage("--only takes " + all + "; got '" + word + "'");
            }
        }
        return families.isEmpty() ? EnumSet.allOf(Family.class) : families;
    }

    private Report measure(Set<Family> families) throws IOException, InterruptedException {
        Mode mode = quick ? Mode.QUICK : Mode.FULL;
        Optional<Path> jar = peers == null ? peersOfCheckout() : Optional.of(peers);
        if (peers != null && !Files.isRegularFile(peers)) {
            throw usage("--peers " + peers + " is no file");
        }
        ProgressBar bar = new ProgressBar(terminal, "measuring", ProgressBar.InFiles.TENTHS, 0);
        OptionalInt asked = forks == null ? OptionalInt.empty() : OptionalInt.of(forks);
        Survey.Request request = new Survey.Request(mode, asked, threads.count(), families, sweep, jar);
        try {
            return Survey.run(request, ProgramVersion.text(), new Survey.Observer() {
                @Override
                public void at(long done, long total) {
                    bar.at(done, total);
                }

                @Override
                public void remark(String sentence) {
                    bar.remark(sentence);
                }
            });
        } finally {
            bar.end();
        }
    }

    /** The jar of {@code bench}, in a folder above the one that the program was loaded from. */
    private static Optional<Path> peersOfCheckout() {
        CodeSource source = RooflineCommand.class.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        if (location == null || !location.getProtocol().equals("file")) {
            return Optional.empty();
        }
        try {
            Path folder = Path.of(new URI(location.toString())).getParent();
            for (; folder != null; folder = folder.getParent()) {
                Path jar = folder.resolve(PEERS);
                if (Files.isRegularFile(jar)) {
                    return Optional.of(jar);
                }
            }
            return Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty(); // no path of a file system
        }
    }
}
