// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.chat.DefaultTemplate;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.LayerMemory;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Loads a language model of whichever architecture a file announces. */
public final class LanguageModels {
    private LanguageModels() {}

    /** {@link #load(ModelFile, Compute, LoadOptions)}, telling nobody. */
    public static Decoder load(ModelFile file, Compute compute) throws ModelFormatException {
        return load(file, compute, LoadOptions.QUIET);
    }

    /**
     * Puts the model of a file together. Its matrices stay in the mapped file, which must remain open as long as the
     * model is used.
     *
     * @param file an open file
     * @param compute runs the model's operations
     * @param options who is told of progress and remarks
     * @throws ModelFormatException if {@code general.architecture} is unknown, if a key or tensor is missing, out of
     *     range, of another shape or of a type that cannot be computed, or if the file asks for something that its
     *     architecture does not compute
     */
    public static Decoder load(ModelFile file, Compute compute, LoadOptions options) throws ModelFormatException {
        Objects.requireNonNull(compute, "compute");
        FileTensors tensors = new FileTensors(file, compute, options.progress());
        Keys keys = Keys.ofArchitecture(file.path(), file.metadata());
        DecoderPlan plan = plan(file.path(), file.metadata(), keys, tensors, options.contextLength());
        keys.settle(options);
        tensors.requireAllTaken();
        Decoder decoder = new Decoder(plan, tensors, compute);
        tensors.finish();
        return decoder;
    }

    /** The names of the architectures of which models can be made anew and trained. */
    public static List<String> trainable() {
        return Architectures.ALL.entrySet().stream()
                .filter(each -> each.getValue().newModel() != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * The template for chats with models whose file has none: a guess, and to be told.
     *
     * @param architecture as a GGUF file names it, known or not
     * @return the most likely one
     */
    public static DefaultTemplate defaultTemplate(String architecture) {
        Architecture known = Architectures.ALL.get(architecture);
        return known == null ? DefaultTemplate.CHATML : known.template();
    }

    /**
     * Finds what would become of a file: what {@link #load} would compute, or all that makes it refuse. Keys without
     * which there is no plan hide what stands behind them.
     *
     * @param file an open file
     * @param compute builds layers, and computes nothing
     */
    public static ModelSurvey survey(ModelFile file, Compute compute) {
        List<ModelFormatException> obstacles = new ArrayList<>();
        FileTensors tensors = FileTensors.surveyed(file, compute, obstacles::add);
        DecoderPlan plan = null;
        List<LayerMemory> memory = List.of();
        try {
            Keys keys = Keys.ofArchitecture(file.path(), file.metadata());
            plan = plan(file.path(), file.metadata(), keys, tensors, 0);
            obstacles.addAll(keys.unmet());
            for (TensorInfo left : tensors.left()) {
                obstacles.add(tensors.refuse(
                        left.name(), "only tensors that the architecture computes with", "one that would be ignored"));
            }
            if (obstacles.isEmpty()) {
                memory = new Decoder(plan, tensors, compute).memory();
            }
        } catch (ModelFormatException e) {
            obstacles.add(e);
        }
        String name =
                file.metadata().asMap().getOrDefault("general.architecture", "").toString();
        return new ModelSurvey(name, plan, plan == null ? 0 : ModelSurvey.bytes(plan, tensors), memory, obstacles);
    }

    /**
     * The plan of a model that is yet to be made.
     *
     * @param metadata the keys that its file will have
     * @param optional the tensors that it shall have although its architecture can do without
     * @throws IllegalArgumentException if the metadata make no model
     */
    public static DecoderPlan plan(Map<String, ?> metadata, Set<String> optional) {
        Path nowhere = Path.of("metadata");
        GgufMetadata header = GgufMetadata.of(nowhere, metadata);
        try {
            return plan(nowhere, header, Keys.ofArchitecture(nowhere, header), new PlannedTensors(optional), 0);
        } catch (ModelFormatException e) {
            throw new IllegalArgumentException(
                    "plan: " + e.item() + ": expected " + e.expected() + ", got " + e.found(), e);
        }
    }

    private static DecoderPlan plan(
            Path path, GgufMetadata metadata, Keys keys, Tensors.Holder holder, int contextLength)
            throws ModelFormatException {
        String name = metadata.string("general.architecture");
        Architecture architecture = Architectures.ALL.get(name);
        if (architecture == null) {
            throw new ModelFormatException(
                    path,
                    "key general.architecture",
                    -1,
                    "an architecture that can be computed (" + String.join(", ", Architectures.ALL.keySet()) + ")",
                    name);
        }
        try {
            Hyperparameters model = new Hyperparameters(keys, new Tensors(holder), contextLength);
            return model.withPooling(architecture.plan(model));
        } catch (IllegalArgumentException | ArithmeticException e) {
            // Numbers that are sound one by one and not together; a plan checks itself.
            ModelFormatException defect = new ModelFormatException(
                    path, "metadata", -1, "numbers that make a model of architecture " + name, e.getMessage());
            defect.initCause(e);
            throw defect;
        }
    }

    /** Takes every tensor as it is asked for. */
    private record PlannedTensors(Set<String> optional) implements Tensors.Holder {
        @Override
        public boolean has(String name) {
            return optional.contains(name);
        }

        @Override
        public void take(String name, Shape shape) {
            // It is yet to be made.
        }

        @Override
        public void ignore(String prefix) {
            // It need not be made.
        }

        @Override
        public int rows(String name) {
            throw new AssertionError("no plan without a file depends on the rows of " + name);
        }

        @Override
        public float[] values(String name, int length) {
            throw new AssertionError("no plan without a file depends on the numbers of " + name);
        }

        @Override
        public ModelFormatException refuse(String name, String expected, String found) {
            return new ModelFormatException(Path.of("metadata"), "tensor " + name, -1, expected, found);
        }
    }
}
