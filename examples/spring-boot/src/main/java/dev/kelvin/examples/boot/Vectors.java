// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Vectors over HTTP, where there is a model that makes them. */
@RestController
@ConditionalOnProperty("kelvin.embedding.model")
class Vectors {
    private final EmbeddingModel model;

    Vectors(EmbeddingModel model) {
        this.model = model;
    }

    /** The vector of a text. */
    @GetMapping("/embed")
    float[] embed(@RequestParam("text") String text) {
        return model.embed(text);
    }
}
