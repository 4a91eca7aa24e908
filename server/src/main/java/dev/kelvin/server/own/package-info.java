// SPDX-License-Identifier: Apache-2.0
/**
 * The interface of Kelvin's own: texts and their tokens, what comes next and why, how the server is, and the page.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server.own;
