// SPDX-License-Identifier: Apache-2.0
/**
 * The commands of the program {@code kelvin}: one class a command, each a {@link dev.kelvin.cli.Subcommand}.
 *
 * <p>Rules that all of them keep: standard output carries the result and nothing else; messages go to standard error;
 * the exit code is 0 for success, 2 for a mistake on the command line and 1 for any other failure, which is told in
 * exactly one line ({@code kelvin: <message>}) and with a stack trace only under {@code --debug}. What several commands
 * need is in one place each: {@link dev.kelvin.cli.Arguments} reads numbers, {@link dev.kelvin.cli.Numbers} writes
 * them, {@link dev.kelvin.cli.Glyphs} and {@link dev.kelvin.cli.TextTable} draw, {@link dev.kelvin.cli.Json} writes
 * JSON, {@link dev.kelvin.cli.Models} opens model files.
 *
 * <p>No class here is thread-safe; none accepts {@code null} unless it says so.
 */
package dev.kelvin.cli;
