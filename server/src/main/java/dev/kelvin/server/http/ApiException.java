// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** A request that is refused, in the words that its client is told. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final String code;
    private final String parameter;
    private final int retrySeconds;

    private ApiException(int status, String type, String code, String parameter, String message, int retrySeconds) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.code = code;
        this.parameter = parameter;
        this.retrySeconds = retrySeconds;
    }

    /**
     * A mistake of the client, 400.
     *
     * @param parameter that is wrong; null if it is none
     * @param code a word for programs; null for none
     */
    public static ApiException invalid(String parameter, String code, String message) {
        return new ApiException(400, "invalid_request_error", code, parameter, message, 0);
    }

    /** A value that a parameter cannot have. */
    public static ApiException value(String parameter, String message) {
        return invalid(parameter, "invalid_value", message);
    }

    /** A parameter, or a value of it, that Kelvin does not do. */
    public static ApiException unsupported(String parameter, String message) {
        return invalid(parameter, "unsupported_parameter", message);
    }

    /** Something that there is none of, 404. */
    public static ApiException notFound(String code, String message) {
        return new ApiException(404, "invalid_request_error", code, null, message, 0);
    }

    /** A refusal with a status of its own. */
    public static ApiException of(int status, String type, String code, String message) {
        return new ApiException(status, type, code, null, message, 0);
    }

    /** A refusal that is none a moment later. */
    public static ApiException later(int status, String code, String message, int retrySeconds) {
        String type = status == 429 ? "rate_limit_error" : "server_error";
        return new ApiException(status, type, code, null, message, retrySeconds);
    }

    /** The status of HTTP. */
    public int status() {
        return status;
    }

    /** Seconds after which it may be tried again; 0 if that is no help. */
    public int retrySeconds() {
        return retrySeconds;
    }

    /** The form in which OpenAI's interface tells errors. */
    public Map<String, Object> body() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put("type", type);
        error.put("param", parameter);
        error.put("code", code);
        return Map.of("error", error);
    }
}
