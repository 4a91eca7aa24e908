// SPDX-License-Identifier: Apache-2.0
/**
 * A model behind HTTP.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.server.KelvinServer#start} takes a model and
 * {@link dev.kelvin.server.ServerOptions}.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server;
