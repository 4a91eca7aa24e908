// SPDX-License-Identifier: Apache-2.0
/**
 * What all interfaces share: the model that is served, how requests say what they want, and answers on their way from
 * the engine's thread to that of a connection.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server.answer;
