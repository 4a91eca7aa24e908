// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/** Opens the models that properties name. */
final class ModelOpener {
    private static final String EXPECTED =
            "It names a GGUF file, a folder of the Hugging Face hub, or a resource such as classpath:model.gguf";

    private final KelvinProperties properties;
    private final ResourceLoader resources;

    ModelOpener(KelvinProperties properties, ResourceLoader resources) {
        this.properties = properties;
        this.resources = resources;
    }

    /**
     * Opens a model.
     *
     * @param property that names it, for messages
     * @param location its value
     * @throws InvalidConfigurationPropertyValueException if nothing is there that can be computed
     */
    Kelvin open(String property, String location) {
        if (location == null || location.isBlank()) {
            throw new InvalidConfigurationPropertyValueException(property, location, EXPECTED);
        }
        try {
            ModelFile file = file(location);
            Compute compute = compute(file);
            LoadOptions options = LoadOptions.QUIET.withContextLength(properties.contextLength());
            return Kelvin.of(OpenModel.of(file, compute, options), properties.limits());
        } catch (IOException e) {
            throw new InvalidConfigurationPropertyValueException(property, location, EXPECTED + ": " + e);
        }
    }

    private Compute compute(ModelFile file) {
        Integer threads = properties.threads();
        try {
            return Compute.start(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
        } catch (IllegalArgumentException e) {
            file.close();
            throw new InvalidConfigurationPropertyValueException("kelvin.threads", threads, e.getMessage());
        }
    }

    /** What has the prefix of a resource is read into memory, as it may lie in a jar; all else is mapped. */
    private ModelFile file(String location) throws IOException {
        if (!location.startsWith(ResourceLoader.CLASSPATH_URL_PREFIX)) {
            return ModelFiles.open(Path.of(location));
        }
        Resource resource = resources.getResource(location);
        try (InputStream in = resource.getInputStream()) {
            return GgufFile.of(Path.of(String.valueOf(resource.getFilename())), in.readAllBytes());
        }
    }
}
