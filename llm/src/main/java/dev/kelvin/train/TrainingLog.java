// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.FileReplacement;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The losses of a training run, kept in a CSV file that is written anew each time. */
final class TrainingLog {
    private static final String HEADER =
            "step,training_loss,held_out_loss,learning_rate,gradient_norm,tokens_per_second";

    private final Path file;
    private final List<TrainingStep> steps = new ArrayList<>();

    TrainingLog(Path file) {
        this.file = file;
    }

    void add(TrainingStep step) {
        steps.add(step);
    }

    /** The steps so far, ascending. */
    List<TrainingStep> steps() {
        return Collections.unmodifiableList(steps);
    }

    /** Whether {@code step} is the last one and its held-out loss was not measured. */
    boolean lacksHeldOutLoss(int step) {
        return !steps.isEmpty()
                && steps.getLast().step() == step
                && Double.isNaN(steps.getLast().heldOutLoss());
    }

    /** Adds the held-out loss to the last step. */
    void setLastHeldOutLoss(double loss) {
        if (!steps.isEmpty()) {
            steps.add(steps.removeLast().withHeldOutLoss(loss));
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
                TrainingStep read = new TrainingStep(
                        Integer.parseInt(fields[0]),
                        Double.parseDouble(fields[1]),
                        fields[2].isEmpty() ? Double.NaN : Double.parseDouble(fields[2]),
                        Double.parseDouble(fields[3]),
                        Double.parseDouble(fields[4]),
                        Double.parseDouble(fields[5]));
                if (read.step() <= step) {
                    steps.add(read);
                }
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException(file + ": is no log of a training run, at \"" + line + "\"", e);
            }
        }
    }

    void write() throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (TrainingStep step : steps) {
            text.append(step.step())
                    .append(',')
                    .append(decimal(step.loss(), 6))
                    .append(',')
                    .append(Double.isNaN(step.heldOutLoss()) ? "" : decimal(step.heldOutLoss(), 6))
                    .append(',')
                    .append((float) step.learningRate())
                    .append(',')
                    .append(decimal(step.gradientNorm(), 4))
                    .append(',')
                    .append(decimal(step.tokensPerSecond(), 0))
                    .append('\n');
        }
        FileReplacement.write(file, text.toString());
    }

    /** A finite number with so many decimals, in every locale alike. */
    static String decimal(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }
}
