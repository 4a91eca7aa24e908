// SPDX-License-Identifier: Apache-2.0
/**
 * The interface of Ollama, which editors speak: what its clients ask, and how it is answered. What it has and Kelvin
 * does not do is refused by name.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server.ollama;
