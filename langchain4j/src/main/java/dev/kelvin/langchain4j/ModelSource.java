// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.exception.ModelNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a builder takes its models from: one of three, of which the last that was named counts. */
final class ModelSource {
    private KelvinModelCatalog catalog;
    private Kelvin kelvin;
    private Path path;

    void set(KelvinModelCatalog catalog, Kelvin kelvin, Path path) {
        this.catalog = catalog;
        this.kelvin = kelvin;
        this.path = path;
    }

    /**
     * The models.
     *
     * @param catalog of one model at least
     * @param owned the model that was opened here, and is to be closed; null if there is none
     */
    record Opened(KelvinModelCatalog catalog, Kelvin owned) {
        void close() {
            if (owned != null) {
                owned.close();
            }
        }
    }

    /**
     * Opens what is not open.
     *
     * @param name of a model that is alone; null for that of its file
     */
    Opened open(String name) {
        if (catalog != null) {
            return new Opened(catalog, null);
        }
        if (kelvin != null) {
            return new Opened(alone(name, kelvin), null);
        }
        if (path == null) {
            throw new IllegalArgumentException("kelvin: a model is missing: kelvin, modelPath or catalog");
        }
        if (!Files.exists(path)) {
            throw new ModelNotFoundException("kelvin: there is no file " + path);
        }
        try {
            Kelvin opened = Kelvin.open(path);
            return new Opened(alone(name, opened), opened);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KelvinModelCatalog alone(String name, Kelvin kelvin) {
        return KelvinModelCatalog.builder()
                .model(name == null ? KelvinModelCatalog.ownName(kelvin) : name, kelvin)
                .build();
    }
}
