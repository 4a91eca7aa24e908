// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin convert}: a folder of the hub as a GGUF file. */
@Command(
        name = "convert",
        header = "Write a folder of the Hugging Face hub as a GGUF file.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin convert FOLDER OUT.gguf [--type=TYPE] [--threads=N]"},
        sortOptions = false,
        description = {
            "",
            "FOLDER holds config.json, tokenizer.json and model.safetensors, or several such files with their index. The "
                    + "weights keep their type unless another is given; the types are those of 'kelvin quantize'. The "
                    + "commands that compute take FOLDER itself as well, with the same results.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin convert Qwen3-0.6B qwen3.gguf",
            "  kelvin convert Qwen3-0.6B qwen3-q8.gguf --type Q8_0"
        })
final class ConvertCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FOLDER", description = "The folder to read.")
    private Path folder;

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write; replaced if it exists.")
    private Path out;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            converter = QuantizeCommand.Scheme.class,
            description = "The type of the weights (default: the one that most of them have).")
    private WeightScheme scheme;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    ConvertCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws Exception {
        try (ModelFile file = Models.file(folder)) {
            for (Path part : file.paths()) {
                if (Files.exists(out) && Files.isSameFile(part, out)) {
                    throw usage("OUT.gguf is a file of FOLDER, " + part);
                }
            }
            WeightScheme chosen = scheme == null ? scheme(file) : scheme;
            WeightWriter writer = new WeightWriter(terminal, "convert", chosen, threads.count());
            Stoppable.run(terminal, stop -> writer.write(file, out, stop));
        }
    }

    /** That of the largest tensor. */
    private static WeightScheme scheme(ModelFile file) {
        DType type = file.tensors().stream()
                .max(Comparator.comparingLong(TensorInfo::byteSize))
                .map(TensorInfo::dtype)
                .orElse(DType.F32);
        return type == DType.F16 ? WeightScheme.F16 : type == DType.BF16 ? WeightScheme.BF16 : WeightScheme.F32;
    }
}
