// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Inside a package too no type points up: types that know each other in a circle are named here, with what they are to
 * each other. A sealed type may name its variants.
 */
class PackageCyclesTest {
    /** A type in a descriptor or a signature. */
    private static final Pattern DESCRIBED = Pattern.compile("L([\\w/$]+)");

    /** Package (without {@code dev.kelvin.}) and types of it, any of which may know any other. */
    private static final List<String> CIRCLES = List.of(
            // What a state turns into, and what others' samplers do with it.
            "head Candidates WholeRow NarrowedSet CustomRules",
            // A chain starts samplings, which apply its stages; a stage sees the sampling.
            "head Sampling Sampler SamplerChain Explanation Categorical Greedy Temperature TokenMask",
            // Tiles and the strips that they are cut from.
            "kernel.simd Gemm GemmTile SlicedTile SlicedSums",
            "kernel.simd PackedTile PackedScales",
            // An interface that chooses among its implementations.
            "kernel.simd BlockCodes LargeBlocks OneScaleBlocks SmallBlocks TableBlocks",
            "model Architecture Architectures LanguageModels Llama Gpt2 DecoderShape NewModel",
            "generate Proposer DraftModel PromptLookup",
            "plan Part Weight",
            "train LayerDerivative AttentionDerivative GatedDerivative PlainDerivative",
            // A reader and what it reads.
            "tensor MappedTensor RowDecoder",
            "format GgufHeader GgufValues GgufMetadata GgufEncoder",
            "format.hub HubFolder HubMetadata HubPooling",
            "format.hub HubTensor HubCodes",
            // Layers, and what a pass does for them.
            "nn Layer TrainableLayer AttentionLayer LatentAttentionLayer Context",
            // Owner and owned.
            "nn KvPool Sequence SequenceStream Batch",
            "converse Chat ChatListener AnswerReader",
            "server.http Connection Connections",
            // A builder and what it builds.
            "constraint Automaton AutomatonBuilder",
            "constraint Constraint ConstrainedText",
            "constraint Gbnf GrammarBuilder",
            // Values that contain values: recursive by nature.
            "constraint SchemaCompiler SchemaValidator ArrayRules ObjectRules",
            "train.stories Grammar Synonyms",
            "chat.jinja ExpressionParser SuffixParser",
            "chat.jinja Callable Code Comparison Dict Globals Key LoopContext Macro Markup Namespace Numbers Render Scope"
                    + " Signature Step Texts Types Undefined",
            "chat.jinja BraceFormat FormatSpec Methods Splits StringMethods Subscripts",
            "chat.jinja Filters HtmlFilters NumberFilters SelectionFilters SequenceFilters Tests TextFilters");

    @Test
    void typesOfAPackageKnowEachOtherInNoCircleButTheNamedOnes() throws IOException {
        Map<String, Set<String>> arrows = new TreeMap<>();
        for (String folder : ArchitectureTest.classFolders()) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file :
                        (Iterable<Path>) files.filter(each -> each.toString().endsWith(".class"))::iterator) {
                    addArrows(ClassFile.of().parse(file), arrows);
                }
            }
        }
        assertFalse(arrows.isEmpty(), "no classes");
        List<Set<String>> named =
                CIRCLES.stream().map(PackageCyclesTest::circle).toList();
        for (Set<String> circle : named) {
            assertEquals(Set.of(), without(circle, arrows.keySet()), "named, but not there");
        }
        Set<Set<String>> unnamed = new LinkedHashSet<>();
        for (Set<String> circle : circles(arrows)) {
            if (named.stream().noneMatch(each -> each.containsAll(circle))) {
                unnamed.add(circle);
            }
        }
        assertEquals(Set.of(), unnamed);
    }

    private static Set<String> without(Set<String> names, Collection<String> others) {
        Set<String> rest = new TreeSet<>(names);
        rest.removeAll(others);
        return rest;
    }

    private static Set<String> circle(String line) {
        String[] words = line.split(" ", -1);
        Set<String> types = new TreeSet<>();
        for (int i = 1; i < words.length; i++) {
            types.add("dev/kelvin/" + words[0].replace('.', '/') + "/" + words[i]);
        }
        return types;
    }

    /** Adds what a class names of its own package. Nested classes count as the outermost one. */
    private static void addArrows(ClassModel model, Map<String, Set<String>> arrows) {
        String from = outermost(model.thisClass().asInternalName());
        String folder = from.substring(0, from.lastIndexOf('/') + 1);
        Set<String> named = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type -> named.add(type.asInternalName());
                // Descriptors and generic signatures.
                case Utf8Entry text
                when text.stringValue().indexOf(';') > 0 ->
                    DESCRIBED.matcher(text.stringValue()).results().forEach(each -> named.add(each.group(1)));
                default -> {
                    // Names no type.
                }
            }
        }
        Set<String> variants = new TreeSet<>();
        model.findAttribute(Attributes.permittedSubclasses()).ifPresent(list -> list.permittedSubclasses()
                .forEach(each -> variants.add(outermost(each.asInternalName()))));
        Set<String> targets = arrows.computeIfAbsent(from, each -> new TreeSet<>());
        for (String name : named) {
            String to = outermost(name);
            if (to.startsWith(folder)
                    && to.indexOf('/', folder.length()) < 0
                    && !to.equals(from)
                    && !variants.contains(to)) {
                targets.add(to);
            }
        }
    }

    private static String outermost(String name) {
        int dollar = name.indexOf('$');
        return dollar < 0 ? name : name.substring(0, dollar);
    }

    /** The strongly connected components of more than one type. */
    private static List<Set<String>> circles(Map<String, Set<String>> arrows) {
        List<Set<String>> found = new ArrayList<>();
        Map<String, Set<String>> reached = new HashMap<>();
        arrows.keySet().forEach(each -> reached.put(each, reach(each, arrows)));
        Set<String> seen = new TreeSet<>();
        for (String type : arrows.keySet()) {
            Set<String> circle = new TreeSet<>();
            for (String other : reached.get(type)) {
                if (reached.getOrDefault(other, Set.of()).contains(type)) {
                    circle.add(other);
                }
            }
            if (circle.size() > 1 && seen.addAll(circle)) {
                found.add(circle);
            }
        }
        return found;
    }

    private static Set<String> reach(String from, Map<String, Set<String>> arrows) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(arrows.get(from));
        while (!next.isEmpty()) {
            String type = next.pop();
            if (reached.add(type)) {
                next.addAll(arrows.getOrDefault(type, Set.of()));
            }
        }
        return reached;
    }
}
