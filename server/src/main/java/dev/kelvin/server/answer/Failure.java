// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.head.NoCandidateException;
import dev.kelvin.server.http.ApiException;

/** What is told of an answer that came to nothing, or cannot begin. */
public final class Failure {
    private static final System.Logger LOG = System.getLogger(Failure.class.getName());

    /** How the engine names the limit that a server is given by an option. */
    private static final String KV_LIMIT = "EngineLimits.kvBytes";

    private Failure() {}

    /** What is told of something that a model's template, vocabulary or context has no place for. */
    public static ApiException refused(String parameter, IllegalArgumentException e) {
        String message = e.getMessage();
        boolean beyondMemory = message != null && message.contains(KV_LIMIT);
        boolean tooLong = beyondMemory || (message != null && message.contains("context of "));
        String told = beyondMemory ? message.replace(KV_LIMIT, "kelvin serve --kv-memory") : message;
        return ApiException.invalid(parameter, tooLong ? "context_length_exceeded" : "invalid_value", told + ".");
    }

    /**
     * The client's fault where what it asked for leaves nothing to answer with, else that of the server, and logged.
     */
    public static ApiException told(Throwable cause) {
        if (cause instanceof NoCandidateException none) {
            return refused(null, none);
        }
        LOG.log(System.Logger.Level.ERROR, "server: an answer failed", cause);
        return ApiException.of(500, "server_error", "internal_error", "The answer failed: " + cause.getMessage() + ".");
    }
}
