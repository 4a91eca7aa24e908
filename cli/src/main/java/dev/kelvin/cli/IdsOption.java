// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import picocli.CommandLine.Option;

/** Token ids instead of a text. */
final class IdsOption {
    @Option(
            names = "--ids",
            split = "[,\\s]+",
            paramLabel = "ID,ID,...",
            hideParamSyntax = true,
            converter = Arguments.Count.class,
            description = "Token ids, separated by commas or spaces.")
    private int[] ids;

    /** The ids [T]; null if none were given. */
    int[] ids() {
        return ids;
    }
}
