// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A schema with everything that references in it may name. References to other documents are refused. */
@SuppressWarnings("ReferenceEquality") // the root is a place, and other schemas may equal it
final class SchemaDocument {
    private static final int MAX_DEPTH = 500;

    private final Object root;
    private final Map<String, Object> named = new HashMap<>();

    SchemaDocument(Object root) throws GrammarException {
        this.root = root;
        String id = root instanceof Map<?, ?> map && map.get("$id") instanceof String text ? text : "";
        named.put(id, root);
        collect(root, 0);
    }

    private void collect(Object value, int depth) throws GrammarException {
        if (depth > MAX_DEPTH) {
            throw new GrammarException("schema: nested deeper than " + MAX_DEPTH);
        }
        if (value instanceof Map<?, ?> map) {
            if (map.get("$anchor") instanceof String anchor) {
                named.put("#" + anchor, map);
            }
            if (map.get("$id") instanceof String id && map != root) {
                named.put(id, map);
            }
            for (Object each : map.values()) {
                collect(each, depth + 1);
            }
        } else if (value instanceof List<?> list) {
            for (Object each : list) {
                collect(each, depth + 1);
            }
        }
    }

    Object root() {
        return root;
    }

    /** What a reference names: a schema, that is a map or a boolean. */
    Object resolve(String reference, SchemaNode from) throws GrammarException {
        Object target = named.get(reference);
        if (target == null) {
            int hash = reference.indexOf('#');
            String base = hash < 0 ? reference : reference.substring(0, hash);
            Object document = base.isEmpty() ? root : named.get(base);
            String fragment = hash < 0 ? "" : reference.substring(hash + 1);
            target = document == null ? null : fragment.isEmpty() ? document : pointed(document, fragment);
        }
        if (!(target instanceof Map<?, ?>) && !(target instanceof Boolean)) {
            throw from.error("'$ref' to " + reference + ", which is not in this document");
        }
        return target;
    }

    private static Object pointed(Object document, String fragment) {
        if (!fragment.startsWith("/")) {
            return null;
        }
        Object at = document;
        for (String step : decoded(fragment).substring(1).split("/", -1)) {
            String name = step.replace("~1", "/").replace("~0", "~");
            if (at instanceof Map<?, ?> map) {
                at = map.get(name);
            } else if (at instanceof List<?> list && name.matches("\\d{1,6}") && Integer.parseInt(name) < list.size()) {
                at = list.get(Integer.parseInt(name));
            } else {
                return null;
            }
        }
        return at;
    }

    private static String decoded(String fragment) {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return fragment;
        }
    }
}
