// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.util.Map;

/** How an interface tells errors. */
public enum ErrorForm {
    /** {@code {"error": {"message", "type", "param", "code"}}}. */
    OPENAI {
        @Override
        public Map<String, Object> of(ApiException refused) {
            return refused.body();
        }
    },

    /** {@code {"error": message}}. */
    OLLAMA {
        @Override
        public Map<String, Object> of(ApiException refused) {
            return Map.of("error", refused.getMessage());
        }
    };

    /** The body of a refusal. */
    public abstract Map<String, Object> of(ApiException refused);
}
