// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import java.nio.file.Path;

/**
 * A step that multiplies the pooled vector of a text.
 *
 * @param tensor what GGUF calls its matrix
 * @param file holds it
 */
record HubDense(String tensor, Path file) {}
