// SPDX-License-Identifier: Apache-2.0
/**
 * Language models on the tensor core: files, tokenizers, layers, architectures, training, and answers to many at once.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.generate.Kelvin} opens a model and continues texts:
 *
 * <pre>{@code
 * try (Kelvin kelvin = Kelvin.open(Path.of("model.gguf"))) {
 *     kelvin.complete("Once upon a time", System.out::print);
 * }
 * }</pre>
 *
 * <p>What the module computes, with B sequences of T positions, t of them so far, width D and V tokens in the
 * vocabulary:
 *
 * <p><img src="doc-files/pipeline.svg" alt="Token ids, embedding, positions, decoder layers, projection to the
 * vocabulary, softmax at a temperature, and a loss or a token, each with its shape in training and in inference"
 * width="620">
 *
 * <p>An answer is a pure function of the model and the request: the same bits on any number of threads, in any company.
 */
module dev.kelvin.llm {
    requires transitive dev.kelvin.core;

    exports dev.kelvin.chat;
    exports dev.kelvin.chat.jinja;
    exports dev.kelvin.constraint;
    exports dev.kelvin.converse;
    exports dev.kelvin.format;
    exports dev.kelvin.format.hub;
    exports dev.kelvin.format.json;
    exports dev.kelvin.generate;
    exports dev.kelvin.model;
    exports dev.kelvin.nn;
    exports dev.kelvin.plan;
    exports dev.kelvin.tokenizer;
    exports dev.kelvin.tokenizer.split;
    exports dev.kelvin.train;
    exports dev.kelvin.train.stories;
}
