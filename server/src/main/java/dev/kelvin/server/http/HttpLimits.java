// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.time.Duration;

/**
 * How much of the server one client may take.
 *
 * @param connections open at once; more wait to be accepted
 * @param headerBytes the most bytes of a request's headers
 * @param bodyBytes the most bytes of a request's body
 * @param idleTime that a connection may stay open without a request
 * @param requestTime from the first byte of a request to its last
 * @param writeTime that an answer may wait, in all, for its reader
 */
public record HttpLimits(
        int connections, int headerBytes, int bodyBytes, Duration idleTime, Duration requestTime, Duration writeTime) {
    /** What suits one machine. */
    public static final HttpLimits STANDARD = new HttpLimits(
            2048, 16 << 10, 8 << 20, Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ofSeconds(20));

    /** Checks the numbers. */
    public HttpLimits {
        if (connections < 1 || headerBytes < 1 || bodyBytes < 1) {
            throw new IllegalArgumentException("server: limits must be positive, but are " + connections
                    + " connections, " + headerBytes + " header bytes, " + bodyBytes + " body bytes");
        }
        for (Duration time : new Duration[] {idleTime, requestTime, writeTime}) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException("server: a time limit must be positive, but is " + time);
            }
        }
    }

    /** The same with other times. */
    public HttpLimits withTimes(Duration idleTime, Duration requestTime, Duration writeTime) {
        return new HttpLimits(connections, headerBytes, bodyBytes, idleTime, requestTime, writeTime);
    }
}
