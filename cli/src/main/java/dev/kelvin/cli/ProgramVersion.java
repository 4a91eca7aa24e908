// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/** The version of the program. */
final class ProgramVersion {
    private ProgramVersion() {}

    /** Name and version: {@code kelvin 1.2.3}. */
    static String text() {
        return "kelvin "
                + Optional.ofNullable(ProgramVersion.class.getModule().getDescriptor())
                        .flatMap(ModuleDescriptor::rawVersion)
                        .or(() -> Optional.ofNullable(
                                ProgramVersion.class.getPackage().getImplementationVersion()))
                        .orElse("(development)");
    }
}
