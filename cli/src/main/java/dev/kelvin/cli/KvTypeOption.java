// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.tensor.DType;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** As what keys and values are kept. */
final class KvTypeOption {
    @Option(
            names = "--kv-type",
            paramLabel = "f32|f16|q8_0",
            converter = Name.class,
            description = "How keys and values are kept: f32 as they are computed, f16 in half of the memory, q8_0 in "
                    + "about a quarter. Long texts read less with the smaller ones, and round. Default: f32.")
    private DType type = DType.F32;

    /** An option's text as a type. */
    static final class Name implements ITypeConverter<DType> {
        private static final Map<String, DType> TYPES = Map.of("f32", DType.F32, "f16", DType.F16, "q8_0", DType.Q8_0);

        @Override
        public DType convert(String text) {
            DType type = TYPES.get(text.strip().toLowerCase(Locale.ROOT).replace('-', '_'));
            if (type == null) {
                throw new TypeConversionException("'" + text.strip() + "' is none of f32, f16 and q8_0");
            }
            return type;
        }
    }

    /** The type. */
    DType type() {
        return type;
    }

    /** An engine's usual limits with that. */
    EngineLimits limits() {
        return EngineLimits.STANDARD.withKeysAndValues(EngineLimits.STANDARD.kvBytes(), type);
    }
}
