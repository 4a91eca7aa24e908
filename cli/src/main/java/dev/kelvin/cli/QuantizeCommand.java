// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.model.WeightScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code kelvin quantize}: a model file with its weights in another type. */
@Command(
        name = "quantize",
        header = "Write a model file again with its weights in another type.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin quantize [IN.gguf] OUT.gguf --type=TYPE [--threads=N]"},
        sortOptions = false,
        description = {
            "",
            "Types: F32, F16, BF16, Q8_0, Q6_K, Q5_K, Q5_1, Q5_0, Q4_K_M, Q4_K, Q4_1, Q4_0, IQ4_NL, IQ4_XS, MXFP4, "
                    + "NVFP4, Q3_K, Q2_K, Q2_0, TQ1_0, TQ2_0, Q1_0; the last four are for models that were trained for "
                    + "them. Each is the "
                    + "type of every matrix, but Q4_K_M mixes Q4_K with Q6_K where it counts most. Vectors stay F32, "
                    + "metadata stays as it is. Rows that are not whole blocks get the next type that fits: Q5_0 for "
                    + "Q4_K, Q8_0 for Q6_K, else F16. Any part of a split model stands for all of it; OUT is one file.",
            "",
            "The same file and type give the same bytes on any machine and any number of threads. OUT appears when it "
                    + "is complete, or not at all.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin quantize stories-f32.gguf --type F32",
            "  kelvin quantize stories-f32.gguf stories-q4.gguf --type Q4_K_M"
        })
final class QuantizeCommand extends Subcommand {
    /** All but Q8_K, which llama.cpp has no files of. */
    private static final List<WeightScheme> OFFERED = Arrays.stream(WeightScheme.values())
            .filter(scheme -> scheme != WeightScheme.Q8_K)
            .toList();

    @Parameters(
            arity = "1..2",
            paramLabel = "[IN.gguf] OUT.gguf",
            hideParamSyntax = true,
            description = "The model file to read, and the one to write, which is replaced if it exists. Without the "
                    + "first, the model of English stories that comes with the program is read, and nothing replaced.")
    private List<Path> files;

    @Option(
            names = "--type",
            required = true,
            paramLabel = "TYPE",
            converter = Scheme.class,
            description = "The type of the weights.")
    private WeightScheme scheme;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    QuantizeCommand(Terminal terminal) {
        super(terminal);
    }

    /** One of the types that are offered, in either case. */
    static final class Scheme implements ITypeConverter<WeightScheme> {
        @Override
        public WeightScheme convert(String text) {
            String name = text.strip().toUpperCase(Locale.ROOT);
            return OFFERED.stream()
                    .filter(offered -> offered.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text.strip() + "' is none of " + OFFERED));
        }
    }

    @Override
    void run() throws Exception {
        Path in = files.size() == 1 ? null : files.getFirst();
        Path out = files.getLast();
        if (in == null && Files.exists(out)) {
            throw usage("give IN.gguf and OUT.gguf; " + out + " exists, and would be replaced by the model that comes "
                    + "with the program");
        }
        try (ModelFile file = Models.file(in)) {
            for (Path part : file.paths()) {
                if (Files.exists(out) && Files.isSameFile(part, out)) {
                    throw usage("IN.gguf and OUT.gguf are the same file, " + part);
                }
            }
            WeightWriter writer = new WeightWriter(terminal, "quantize", scheme, threads.count());
            Stoppable.run(terminal, stop -> writer.write(file, out, stop));
        }
    }
}
