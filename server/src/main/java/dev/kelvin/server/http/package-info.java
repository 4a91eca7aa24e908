// SPDX-License-Identifier: Apache-2.0
/**
 * The frame that endpoints stand in: who gets in, what a request may be, how errors are told, and when a connection is
 * cut. It knows nothing of models.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.server.http;
