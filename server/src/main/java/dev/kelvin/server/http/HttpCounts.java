// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests there were, by endpoint and status. For any thread. */
public final class HttpCounts {
    /**
     * What requests have in common.
     *
     * @param endpoint its path; {@code other} for paths that there are not
     * @param status of the answer; 0 for those that their client left
     */
    public record Kind(String endpoint, int status) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            int byEndpoint = endpoint.compareTo(other.endpoint);
            return byEndpoint == 0 ? Integer.compare(status, other.status) : byEndpoint;
        }
    }

    private final Map<Kind, LongAdder> counts = new ConcurrentHashMap<>();

    void add(String endpoint, int status) {
        counts.computeIfAbsent(new Kind(endpoint, status), _ -> new LongAdder()).increment();
    }

    /** All counts. */
    public Map<Kind, Long> all() {
        Map<Kind, Long> all = new TreeMap<>();
        counts.forEach((kind, count) -> all.put(kind, count.sum()));
        return all;
    }
}
