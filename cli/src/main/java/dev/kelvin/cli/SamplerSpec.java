// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.SamplerChain;
import java.io.IOException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Samplers as one argument, see {@link SamplerLanguage}. */
final class SamplerSpec implements ITypeConverter<SamplerChain> {
    @Override
    public SamplerChain convert(String text) {
        try {
            return SamplerLanguage.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** Refuses ids beyond the vocabulary, as a mistake of the caller of {@code command}. */
    static void checkIds(Subcommand command, SamplerChain chain, int vocabSize) {
        int largest = SamplerLanguage.largestId(chain);
        if (largest >= vocabSize) {
            throw command.usage("--sampler: " + largest + " is not in the vocabulary [0, " + vocabSize + ")");
        }
    }

    /** The chain for a model: its ids checked, and the breakers of its {@code dry} stages looked up. */
    static SamplerChain forModel(Subcommand command, SamplerChain chain, OpenModel open) throws IOException {
        checkIds(command, chain, open.vocabSize());
        return SamplerLanguage.withBreakers(chain, open.tokenizer());
    }
}
