// SPDX-License-Identifier: Apache-2.0
/** Language models on the tensor core: file formats, tokenizers, layers, architectures and the generation loop. */
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
