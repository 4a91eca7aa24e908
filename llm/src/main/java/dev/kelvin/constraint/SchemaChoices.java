// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes applicators out of schemas that hold together: what {@code $ref} and {@code allOf} name holds too, and
 * {@code anyOf} and {@code oneOf} give several choices. A {@code oneOf} is taken as an {@code anyOf}.
 */
final class SchemaChoices {
    private static final int MAX_CHOICES = 1_000;
    private static final int MAX_WORK = 100_000;

    private final SchemaDocument document;
    private int work;

    SchemaChoices(SchemaDocument document) {
        this.document = document;
    }

    /** A node that is still to be looked at, with those that led to it without an instance in between. */
    private record Pending(Object schema, String pointer, Ancestor ancestors) {}

    private record Ancestor(SchemaNode node, Ancestor parent) {
        static boolean contains(Ancestor chain, SchemaNode node) {
            for (Ancestor each = chain; each != null; each = each.parent) {
                if (each.node.equals(node)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Alternatives of which one must hold. */
    private record Either(SchemaNode node, String keyword, Ancestor ancestors) {}

    /**
     * The choices of schemas that hold together.
     *
     * @param schemas all of which hold: booleans and nodes
     * @return for each choice the nodes of which all assertions hold; none if nothing satisfies them
     */
    List<List<SchemaNode>> of(List<Object> schemas) throws GrammarException {
        List<Pending> pending = new ArrayList<>();
        for (Object schema : schemas) {
            pending.add(
                    schema instanceof SchemaNode node
                            ? new Pending(node.fields(), node.pointer(), null)
                            : new Pending(schema, "#", null));
        }
        List<List<SchemaNode>> choices = new ArrayList<>();
        work = 0;
        expand(pending, new LinkedHashSet<>(), new ArrayList<>(), choices);
        return choices;
    }

    private void expand(
            List<Pending> pending, Set<SchemaNode> done, List<Either> eithers, List<List<SchemaNode>> choices)
            throws GrammarException {
        List<Pending> open = new ArrayList<>(pending);
        if (++work > MAX_WORK) {
            throw tooMany();
        }
        for (int i = 0; i < open.size(); i++) {
            if (Boolean.FALSE.equals(open.get(i).schema())) {
                return;
            }
            if (open.get(i).schema() instanceof Map<?, ?>) {
                SchemaNode node = node(open.get(i).schema(), open.get(i).pointer());
                if (Ancestor.contains(open.get(i).ancestors(), node)) {
                    throw node.error("a '$ref' that comes back to itself without an instance in between");
                }
                if (done.add(node)) {
                    node.requireSupported();
                    if (node.refusesAll()) {
                        return;
                    }
                    Ancestor ancestors = new Ancestor(node, open.get(i).ancestors());
                    // Directly behind the node, so that properties keep the order in which they are written.
                    open.addAll(i + 1, together(node, ancestors));
                    either(node, ancestors, eithers);
                }
            } else if (!Boolean.TRUE.equals(open.get(i).schema())) {
                throw new GrammarException("schema: " + open.get(i).pointer() + ": not a schema");
            }
        }
        choose(done, eithers, choices);
    }

    @SuppressWarnings("unchecked") // JSON's maps have strings as keys
    static SchemaNode node(Object schema, String pointer) {
        return new SchemaNode((Map<String, Object>) schema, pointer);
    }

    private List<Pending> together(SchemaNode node, Ancestor ancestors) throws GrammarException {
        List<Pending> together = new ArrayList<>();
        if (node.has("$ref")) {
            String reference = node.string("$ref");
            together.add(new Pending(document.resolve(reference, node), reference, ancestors));
        }
        int index = 0;
        for (Object each : node.list("allOf")) {
            together.add(new Pending(each, node.at("allOf", index++), ancestors));
        }
        return together;
    }

    private static void either(SchemaNode node, Ancestor ancestors, List<Either> eithers) {
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (node.has(keyword)) {
                eithers.add(new Either(node, keyword, ancestors));
            }
        }
    }

    private static GrammarException tooMany() {
        return new GrammarException(
                "schema: 'anyOf' and 'oneOf' with more than " + MAX_CHOICES + " combinations are not supported");
    }

    private void choose(Set<SchemaNode> done, List<Either> eithers, List<List<SchemaNode>> choices)
            throws GrammarException {
        if (eithers.isEmpty()) {
            if (choices.size() == MAX_CHOICES) {
                throw tooMany();
            }
            choices.add(List.copyOf(done));
            return;
        }
        Either either = eithers.getFirst();
        int index = 0;
        for (Object branch : either.node().list(either.keyword())) {
            Pending pending = new Pending(branch, either.node().at(either.keyword(), index++), either.ancestors());
            List<Either> rest = new ArrayList<>(eithers.subList(1, eithers.size()));
            expand(List.of(pending), new LinkedHashSet<>(done), rest, choices);
        }
    }
}
