// SPDX-License-Identifier: Apache-2.0
/**
 * Model files: {@link dev.kelvin.format.GgufFile} maps a GGUF file into memory and lists what it holds,
 * {@link dev.kelvin.format.GgufWriter} writes one. A file is foreign input: every count, length, offset and dimension
 * is checked against the bytes that remain before anything is allocated from it, and what is wrong comes out as a
 * {@link dev.kelvin.format.ModelFormatException} that names the place.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.format.hub.ModelFiles#open} opens whatever Kelvin can read;
 * {@link dev.kelvin.format.ModelFile} has its metadata and tensors. To compute with it,
 * {@link dev.kelvin.generate.Kelvin} is nearer.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.format;
