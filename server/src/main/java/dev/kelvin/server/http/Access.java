// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who gets in.
 *
 * @param apiKey that a request must carry, as {@code Authorization: Bearer KEY}; null for none
 * @param origins of pages, besides the server's own, whose scripts may ask; {@code *} for any
 * @param hosts by which the server may be called, without port; empty for any. A page of another site that has its name
 *     resolved to this machine calls it by that name, and gets no answer
 */
public record Access(String apiKey, List<String> origins, Set<String> hosts) {
    /** The names of this machine to itself. */
    public static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** Copies the lists. */
    public Access {
        origins = List.copyOf(origins);
        hosts = Set.copyOf(hosts);
    }

    /** Refuses a host that is none of the names. */
    void checkHost(String host) throws ApiException {
        if (!hosts.isEmpty() && !hosts.contains(withoutPort(host))) {
            throw ApiException.of(
                    403, "permission_error", "host_not_allowed", "This server is not called by that host name.");
        }
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.toLowerCase(Locale.ROOT);
    }

    /** Refuses a page of another origin that was not named. */
    void checkOrigin(String origin, String host) throws ApiException {
        if (!isOwn(origin, host) && !allows(origin)) {
            throw ApiException.of(
                    403, "permission_error", "origin_not_allowed", "Pages of this origin may not ask this server.");
        }
    }

    static boolean isOwn(String origin, String host) {
        return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
    }

    /** Whether a foreign origin was named. */
    boolean allows(String origin) {
        return origins.contains("*") || origins.contains(origin);
    }

    /** Refuses a request without the key. Takes the same time whatever of a key of this length is right. */
    void checkKey(String authorization) throws ApiException {
        if (apiKey == null) {
            return;
        }
        String scheme = "bearer ";
        boolean bearer = authorization.regionMatches(true, 0, scheme, 0, scheme.length());
        byte[] given =
                (bearer ? authorization.substring(scheme.length()).strip() : "").getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(apiKey.getBytes(StandardCharsets.UTF_8), given)) {
            throw ApiException.of(
                    401,
                    "authentication_error",
                    "invalid_api_key",
                    "The API key is missing or wrong; send it as 'Authorization: Bearer KEY'.");
        }
    }
}
