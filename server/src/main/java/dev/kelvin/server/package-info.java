// SPDX-License-Identifier: Apache-2.0
/**
 * A model behind HTTP. {@link dev.kelvin.server.KelvinServer} is started with a model and
 * {@link dev.kelvin.server.ServerOptions}.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server;
