// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.model.Quantizer;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Writes a model as a GGUF file with weights of one scheme, and tells how far it is.
 *
 * @param terminal is told
 * @param name of the command
 * @param scheme the types of the weights
 * @param threads that compute
 */
record WeightWriter(Terminal terminal, String name, WeightScheme scheme, int threads) {
    /**
     * Writes the file.
     *
     * @param out the file; replaced if it exists
     * @param stop whether to stop
     * @throws IOException if it cannot be written; what was there before stays
     */
    void write(ModelFile file, Path out, BooleanSupplier stop) throws IOException {
        long begin = System.nanoTime();
        ProgressBar bar = new ProgressBar(terminal, name, ProgressBar.InFiles.TENTHS, 0);
        try (Compute compute = Compute.start(threads)) {
            Quantizer.quantize(file, compute, scheme, out, (done, total) -> {
                if (stop.getAsBoolean()) {
                    throw new CancellationException();
                }
                bar.at(done, total);
            });
        } catch (CancellationException stopped) {
            throw new InterruptedIOException(
                    "stopped; " + out + (Files.exists(out) ? " is what it was before" : " is not written"));
        } finally {
            bar.end();
        }
        terminal.err()
                .println("wrote " + Glyphs.withoutControls(out.toString()) + ": " + scheme + ", "
                        + Numbers.bytes(file.byteSize()) + " became " + Numbers.bytes(Files.size(out)) + " in "
                        + Numbers.fixed((System.nanoTime() - begin) / 1e9, 1) + " s");
    }
}
