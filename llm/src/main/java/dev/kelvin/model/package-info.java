// SPDX-License-Identifier: Apache-2.0
/**
 * Architectures: what each reads from a file, and the plan it makes of it. One file an architecture;
 * {@link dev.kelvin.model.LanguageModels} chooses by the file's {@code general.architecture}.
 *
 * <p>A file that asks for something its architecture's class does not compute is refused by name. Nothing that would
 * change the result is ignored.
 */
package dev.kelvin.model;
