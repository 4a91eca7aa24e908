// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.head.NoCandidateException;
import dev.kelvin.server.http.ApiException;

/** What is told of an answer that came to nothing. */
final class Failure {
    private static final System.Logger LOG = System.getLogger(Served.class.getName());

    private Failure() {}

    /**
     * The client's fault where what it asked for leaves nothing to answer with, else that of the server, and logged.
     */
    static ApiException told(Throwable cause) {
        if (cause instanceof NoCandidateException none) {
            return Served.refused(null, none);
        }
        LOG.log(System.Logger.Level.ERROR, "server: an answer failed", cause);
        return ApiException.of(500, "server_error", "internal_error", "The answer failed: " + cause.getMessage() + ".");
    }
}
