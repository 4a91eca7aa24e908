// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.FileReplacement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The losses of a training run, kept in a CSV file that is written anew each time. */
final class TrainingLog {
    private static final String HEADER =
            "step,training_loss,held_out_loss,learning_rate,gradient_norm,tokens_per_second";

    /**
     * A step.
     *
     * @param step counted from 1
     * @param loss of its batches, nats a token
     * @param heldOutLoss nats a token; NaN where it was not measured
     * @param learningRate of the step
     * @param gradientNorm before clipping
     * @param tokensPerSecond of the step
     */
    record Entry(
            int step,
            double loss,
            double heldOutLoss,
            double learningRate,
            double gradientNorm,
            double tokensPerSecond) {}

    private final Path file;
    private final List<Entry> entries = new ArrayList<>();

    TrainingLog(Path file) {
        this.file = file;
    }

    void add(Entry entry) {
        entries.add(entry);
    }

    /** The steps so far, ascending. */
    List<Entry> entries() {
        return Collections.unmodifiableList(entries);
    }

    /** Whether {@code step} is the last one and its held-out loss was not measured. */
    boolean lacksHeldOutLoss(int step) {
        return !entries.isEmpty()
                && entries.getLast().step() == step
                && Double.isNaN(entries.getLast().heldOutLoss());
    }

    /** Adds the held-out loss to the last step. */
    void setLastHeldOutLoss(double loss) {
        if (!entries.isEmpty()) {
            Entry last = entries.removeLast();
            entries.add(new Entry(
                    last.step(), last.loss(), loss, last.learningRate(), last.gradientNorm(), last.tokensPerSecond()));
        }
    }

    /** Takes over what an interrupted run wrote, up to the step of its checkpoint. Nothing if there is no file. */
    void readUpTo(int step) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        for (String line : Files.readAllLines(file).stream().skip(1).toList()) {
            String[] fields = line.split(",", -1);
            try {
                Entry entry = new Entry(
                        Integer.parseInt(fields[0]),
                        Double.parseDouble(fields[1]),
                        fields[2].isEmpty() ? Double.NaN : Double.parseDouble(fields[2]),
                        Double.parseDouble(fields[3]),
                        Double.parseDouble(fields[4]),
                        Double.parseDouble(fields[5]));
                if (entry.step() <= step) {
                    entries.add(entry);
                }
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException(file + ": is no log of a training run, at \"" + line + "\"", e);
            }
        }
    }

    void write() throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (Entry entry : entries) {
            text.append(entry.step())
                    .append(',')
                    .append(Numbers.fixed(entry.loss(), 6))
                    .append(',')
                    .append(Double.isNaN(entry.heldOutLoss()) ? "" : Numbers.fixed(entry.heldOutLoss(), 6))
                    .append(',')
                    .append((float) entry.learningRate())
                    .append(',')
                    .append(Numbers.fixed(entry.gradientNorm(), 4))
                    .append(',')
                    .append(Numbers.fixed(entry.tokensPerSecond(), 0))
                    .append('\n');
        }
        FileReplacement.write(file, text.toString());
    }
}
