// SPDX-License-Identifier: Apache-2.0
/**
 * Architectures: what each reads from a file, and the plan it makes of it. One file an architecture;
 * {@link dev.kelvin.model.LanguageModels} chooses by the file's {@code general.architecture}.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.model.LanguageModels#load} makes a decoder of a file,
 * {@link dev.kelvin.model.LanguageModels#survey} tells all that stands in the way of it,
 * {@link dev.kelvin.model.Quantizer} writes a model in another weight type, and {@link dev.kelvin.model.DecoderShape}
 * is a model yet to be trained.
 *
 * <p>A file that asks for something its architecture's class does not compute is refused by name. Nothing that would
 * change the result is ignored.
 */
package dev.kelvin.model;
