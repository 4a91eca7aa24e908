// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A schema with everything that references in it may name. A schema with an {@code $id} is a document of its own
 * within: references and anchors below it are relative to it. References to other documents are refused.
 */
@SuppressWarnings("ReferenceEquality") // schemas are places, and other schemas may equal them
final class SchemaDocument {
    private static final int MAX_DEPTH = 500;

    /** Keywords of which each value is a schema. */
    private static final Set<String> NAMED_SCHEMAS =
            Set.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

    /** Keywords that hold instances, in which nothing is named. */
    private static final Set<String> INSTANCES = Set.of("const", "enum", "default", "examples", "example");

    private final Object root;
    private final String rootBase;
    /** Documents by their address, and anchors by that of their document, {@code #} and name. */
    private final Map<String, Object> named = new HashMap<>();
    /** The address of the document that a schema belongs to. */
    private final IdentityHashMap<Object, String> bases = new IdentityHashMap<>();

    SchemaDocument(Object root) throws GrammarException {
        this.root = root;
        rootBase = root instanceof Map<?, ?> map && map.get("$id") instanceof String id ? address("", id) : "";
        named.put(rootBase, root);
        collect(root, rootBase, 0);
    }

    /** An address, absolute if {@code base} is; without an empty fragment. */
    private static String address(String base, String reference) {
        if (reference.startsWith("#")) {
            return reference.equals("#") ? base : base + reference;
        }
        String resolved = reference;
        try {
            resolved = base.isEmpty()
                    ? reference
                    : URI.create(base).resolve(reference).toString();
        } catch (IllegalArgumentException e) {
            // No address by the rules is one by its letters.
        }
        return resolved.endsWith("#") ? resolved.substring(0, resolved.length() - 1) : resolved;
    }

    private void collect(Object schema, String outer, int depth) throws GrammarException {
        if (depth > MAX_DEPTH) {
            throw new GrammarException("schema: nested deeper than " + MAX_DEPTH);
        }
        if (schema instanceof List<?> list) {
            for (Object each : list) {
                collect(each, outer, depth + 1);
            }
        } else if (schema instanceof Map<?, ?> map) {
            String base = outer;
            if (map.get("$id") instanceof String id) {
                if (map != root && !id.startsWith("#")) {
                    base = address(outer, id);
                }
                named.put(address(outer, id), map);
            }
            if (map.get("$anchor") instanceof String anchor) {
                named.put(base + "#" + anchor, map);
            }
            bases.put(map, base);
            for (Map.Entry<?, ?> each : map.entrySet()) {
                if (each.getValue() instanceof Map<?, ?> inner && NAMED_SCHEMAS.contains(each.getKey())) {
                    for (Object one : inner.values()) {
                        collect(one, base, depth + 2);
                    }
                } else if (!INSTANCES.contains(each.getKey())) {
                    collect(each.getValue(), base, depth + 1);
                }
            }
        }
    }

    Object root() {
        return root;
    }

    /** What a reference names: a schema, that is a map or a boolean. */
    Object resolve(String reference, SchemaNode from) throws GrammarException {
        String address = address(bases.getOrDefault(from.fields(), rootBase), reference);
        Object target = named.get(address);
        if (target == null) {
            int hash = address.indexOf('#');
            Object document = hash < 0 ? null : named.get(address.substring(0, hash));
            target = document == null ? null : pointed(document, address.substring(hash + 1));
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
