// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.List;

/** Looks for stops in a text that comes in pieces, and holds back what may yet turn out to begin one. */
final class StopTexts {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopTexts(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a piece; returns what is certainly text by now. */
    String accept(String piece) {
        if (stops.isEmpty()) {
            return piece;
        }
        held.append(piece);
        int end = held.length();
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (at < end || !found)) {
                found = true;
                end = Math.min(end, at);
            }
        }
        return release(found ? end : held.length() - longestBeginning());
    }

    /** The most characters at the end that begin a stop. */
    private int longestBeginning() {
        for (int from = Math.max(0, held.length() - longest() + 1); from < held.length(); from++) {
            for (String stop : stops) {
                if (held.length() - from < stop.length() && stop.startsWith(held.substring(from))) {
                    return held.length() - from;
                }
            }
        }
        return 0;
    }

    private int longest() {
        return stops.stream().mapToInt(String::length).max().orElse(0);
    }

    private String release(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    /** Whether a stop came. */
    boolean found() {
        return found;
    }

    /** What was held back and is text after all, as nothing follows it. */
    String rest() {
        return found ? "" : release(held.length());
    }
}
