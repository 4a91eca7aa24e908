// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.server.answer.Served;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** What stands at the head of each answer and of each of its pieces. */
record Head(String id, String object, long created, String model, String fingerprint) {
    static Head of(String prefix, String object, Served served) {
        return new Head(
                newId(prefix),
                object,
                Instant.now().getEpochSecond(),
                served.name(),
                served.fingerprint().toString());
    }

    /** An id that is no other's. */
    static String newId(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return prefix
                + HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextInt());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("object", object);
        json.put("created", created);
        json.put("model", model);
        json.put("system_fingerprint", fingerprint);
        return json;
    }
}
