// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.ops.Compute;
import java.util.Objects;

/** Loads a language model of whichever architecture a file announces. */
public final class LanguageModels {
    private LanguageModels() {}

    /**
     * Puts the model of a file together. Its matrices stay in the mapped file, which must remain open as long as the
     * model is used.
     *
     * @param file an open file
     * @param compute runs the model's operations
     * @throws ModelFormatException if {@code general.architecture} is unknown, or the file does not hold a model of its
     *     architecture
     */
    public static LanguageModel load(GgufFile file, Compute compute) throws ModelFormatException {
        return load(file, compute, Progress.NONE);
    }

    /**
     * {@link #load(GgufFile, Compute)}, and tells how far it is as long as weights are packed.
     *
     * @param file an open file
     * @param compute runs the model's operations
     * @param progress is told after each tensor that was packed, and in the end if there was any
     * @throws ModelFormatException as above
     */
    public static LanguageModel load(GgufFile file, Compute compute, Progress progress) throws ModelFormatException {
        Objects.requireNonNull(compute, "compute");
        Objects.requireNonNull(progress, "progress");
        String architecture = file.metadata().string("general.architecture");
        return switch (architecture) {
            case Llama.ARCHITECTURE -> Llama.load(file, compute, progress);
            case Gpt2.ARCHITECTURE -> Gpt2.load(file, compute, progress);
            default ->
                throw new ModelFormatException(
                        file.path(),
                        "key general.architecture",
                        -1,
                        "an architecture that can be computed (" + Llama.ARCHITECTURE + ", " + Gpt2.ARCHITECTURE + ")",
                        architecture);
        };
    }
}
