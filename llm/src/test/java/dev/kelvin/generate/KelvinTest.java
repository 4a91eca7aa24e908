// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.head.CustomSampler;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.ops.Compute;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The front door: what is opened is closed, and texts come as callback, stream and publisher. */
class KelvinTest {
    private static final int CONTEXT = 400;

    @TempDir
    private Path folder;

    private Path path;
    private Kelvin kelvin;

    @BeforeEach
    void open() throws IOException {
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 3, 29, CONTEXT, 1e-5f, 10000f, 10);
        path = TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf"));
        kelvin = Kelvin.open(path);
    }

    @AfterEach
    void close() {
        kelvin.close();
    }

    /** A request whose answer does not end before it must. */
    private GenerationRequest endless(int maxTokens) {
        List<LogitBias.Entry> never = IntStream.range(0, 3)
                .mapToObj(id -> new LogitBias.Entry(id, Float.NEGATIVE_INFINITY))
                .toList();
        return kelvin.request(
                "abc", new GenerateOptions(maxTokens, 7, List.of(new LogitBias(never), new Temperature(1))));
    }

    private String text(GenerationRequest request) {
        StringBuilder text = new StringBuilder();
        kelvin.submit(request, GenerationListener.ofText(text::append)).result().join();
        return text.toString();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    private long generated() {
        return kelvin.metrics().generatedTokens();
    }

    /** Waits until the engine has had nothing to do for a moment. */
    private void awaitRest() throws InterruptedException {
        long before = -1;
        while (generated() != before || before == 0) {
            before = generated();
            Thread.sleep(100);
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("kelvin"))
                .sorted()
                .toList();
    }

    @Test
    void whatIsOpenedIsClosedAndNothingIsPrinted() throws IOException {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<String> before = threads();
        try (PrintStream caught = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(caught);
            System.setErr(caught);
            try (Kelvin another = Kelvin.open(path)) {
                another.complete("abc", _ -> {});
            }
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
        assertEquals(before, threads());
    }

    @Test
    void aStreamHasTheTextAndTheTokensOfTheAnswer() {
        GenerationRequest request = endless(200).withLogProbs(2);
        List<Integer> ids = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        kelvin.submit(request, new GenerationListener() {
                    @Override
                    public void token(GeneratedToken token) {
                        ids.add(token.id());
                    }

                    @Override
                    public void text(String piece) {
                        text.append(piece);
                    }
                })
                .result()
                .join();
        List<TextPiece> pieces;
        try (Stream<TextPiece> stream = kelvin.stream(request)) {
            pieces = stream.toList();
        }
        assertEquals(text.toString(), pieces.stream().map(TextPiece::text).collect(Collectors.joining()));
        List<GeneratedToken> tokens =
                pieces.stream().flatMap(piece -> piece.tokens().stream()).toList();
        assertEquals(ids, tokens.stream().map(GeneratedToken::id).toList());
        assertEquals(200, ids.size());
        assertTrue(tokens.stream()
                .allMatch(token -> token.logProb() < 0 && token.top().size() == 2));
        StringBuilder standard = new StringBuilder();
        kelvin.complete("abc", standard::append);
        try (Stream<String> stream = kelvin.stream("abc")) {
            assertEquals(standard.toString(), stream.collect(Collectors.joining()));
        }
    }

    /** A reader that takes its time keeps nobody waiting, and no more than some pieces are made ahead of it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamRestsWhileNobodyReads(boolean prefixCache) throws Exception {
        kelvin.close();
        kelvin = Kelvin.open(path, Compute.serial(), EngineLimits.STANDARD.withPrefixCache(prefixCache));
        GenerationRequest request = endless(300);
        String whole = text(request);
        long before = generated();
        try (Stream<TextPiece> stream = kelvin.stream(request)) {
            awaitRest();
            assertTrue(generated() - before <= PieceBuffer.MOST, generated() - before + " tokens");
            assertEquals(whole, text(request));
            assertEquals(whole, stream.map(TextPiece::text).collect(Collectors.joining()));
        }
    }

    @Test
    void closingAStreamEndsTheAnswer() throws InterruptedException {
        try (Stream<TextPiece> stream = kelvin.stream(endless(300))) {
            assertEquals(3, stream.limit(3).count());
        }
        await("cancelled", () -> kelvin.metrics().cancelled() == 1);
        Stream<TextPiece> open = kelvin.stream(endless(300));
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> open.forEach(_ -> {}));
        assertTrue(Thread.interrupted());
        open.close();
        Stream<TextPiece> closedUnder = kelvin.stream(endless(300));
        kelvin.close();
        assertThrows(CancellationException.class, () -> closedUnder.forEach(_ -> {}));
        closedUnder.close();
        assertThrows(IllegalStateException.class, () -> kelvin.stream("abc"));
    }

    @Test
    void whatASamplerThrowsIsThrownByTheStream() {
        CustomSampler broken = (_, _) -> {
            throw new IllegalArgumentException("broken");
        };
        GenerationRequest request = kelvin.request("abc", new GenerateOptions(9, 0, List.of(broken)));
        try (Stream<TextPiece> stream = kelvin.stream(request)) {
            assertEquals(
                    "broken",
                    assertThrows(IllegalArgumentException.class, stream::toList).getMessage());
        }
        CustomSampler onlyZ = (candidates, _) -> candidates.keepIf(i -> candidates.id(i) == 3 + 24);
        StringBuilder text = new StringBuilder();
        kelvin.complete("abc", new GenerateOptions(5, 0, List.of(onlyZ)), text::append);
        assertEquals("yyyyy", text.toString());
    }

    // The rules of Reactive Streams, by their numbers

    /** 1.1, 1.2, 1.3, 1.5, 1.7: what was requested and no more, one at a time, then one end. */
    @Test
    void asManyPiecesComeAsWereRequested() throws InterruptedException {
        GenerationRequest request = endless(100);
        Recorder recorder = new Recorder();
        kelvin.publisher(request).subscribe(recorder);
        awaitRest();
        assertEquals(0, recorder.pieces.size());
        long made = generated();
        assertTrue(made <= PieceBuffer.MOST, made + " tokens");
        recorder.subscription.request(1);
        await("one piece", () -> recorder.pieces.size() == 1);
        recorder.subscription.request(2);
        recorder.subscription.request(3);
        await("six pieces", () -> recorder.pieces.size() == 6);
        awaitRest();
        assertEquals(6, recorder.pieces.size());
        recorder.subscription.request(Long.MAX_VALUE);
        recorder.subscription.request(Long.MAX_VALUE); // 3.17: more than that is without bound
        await("the end", () -> recorder.completed.get() == 1);
        assertEquals(text(request), recorder.text());
        assertEquals(0, recorder.errors.size());
        assertEquals(1, recorder.mostAtOnce);
        assertTrue(recorder.onEngine.isEmpty(), recorder.onEngine.toString());
        recorder.subscription.request(5); // 3.6, 3.7: nothing comes of either after the end
        recorder.subscription.cancel();
        Thread.sleep(50);
        assertEquals(1, recorder.completed.get());
    }

    /** More of them than the engine has places; nobody waits for them. */
    @Test
    void slowSubscribersSlowNobodyElse() throws InterruptedException {
        GenerationRequest request = endless(300);
        List<Recorder> slow = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            slow.add(new Recorder());
            kelvin.publisher(request.withSequence(i)).subscribe(slow.get(i));
        }
        String whole = text(request);
        assertEquals(300, whole.length());
        slow.forEach(each -> assertEquals(0, each.pieces.size()));
        slow.forEach(each -> each.subscription.request(Long.MAX_VALUE));
        for (Recorder each : slow) {
            await("the end", () -> each.completed.get() == 1);
        }
        assertEquals(whole, slow.getFirst().text());
        assertEquals(text(request.withSequence(39)), slow.getLast().text());
    }

    /** A subscriber that blocks does so on a thread of its own. */
    @Test
    void aSubscriberMayBlock() throws InterruptedException {
        Recorder blocked = new Recorder();
        synchronized (blocked.gate) {
            kelvin.publisher(endless(300)).subscribe(blocked);
            blocked.subscription.request(Long.MAX_VALUE);
            assertEquals(300, text(endless(300)).length());
            assertEquals(0, blocked.pieces.size());
        }
        await("the end", () -> blocked.completed.get() == 1);
    }

    /** 1.8, 2.8, 3.5: after cancel nothing is made, and what is told ends. */
    @Test
    void cancelEndsTheAnswer() throws InterruptedException {
        Recorder recorder = new Recorder();
        recorder.cancelsAt = 4;
        kelvin.publisher(endless(300)).subscribe(recorder);
        recorder.subscription.request(Long.MAX_VALUE);
        await("cancelled", () -> kelvin.metrics().cancelled() == 1);
        Thread.sleep(50);
        assertEquals(4, recorder.pieces.size());
        assertEquals(0, recorder.completed.get() + recorder.errors.size());
    }

    /** 3.9: a request of nothing is an error. */
    @Test
    void aRequestOfNothingIsAnError() throws InterruptedException {
        for (long n : new long[] {0, -1, Long.MIN_VALUE}) {
            Recorder recorder = new Recorder();
            kelvin.publisher(endless(300)).subscribe(recorder);
            recorder.subscription.request(n);
            await("an error", () -> !recorder.errors.isEmpty());
            assertInstanceOf(IllegalArgumentException.class, recorder.errors.getFirst());
            recorder.subscription.request(1);
            Thread.sleep(20);
            assertEquals(0, recorder.pieces.size() + recorder.completed.get());
            assertEquals(1, recorder.errors.size());
        }
        await("cancelled", () -> kelvin.metrics().cancelled() == 3);
    }

    /** 1.4, 1.9, 2.13: errors are told after onSubscribe, null is refused, a subscriber that fails is let go. */
    @Test
    void failuresAreTold() throws InterruptedException {
        assertThrows(
                NullPointerException.class, () -> kelvin.publisher(endless(3)).subscribe(null));
        Recorder tooLong = new Recorder();
        kelvin.publisher(GenerationRequest.of(new int[CONTEXT + 1], GenerateOptions.greedy(1)))
                .subscribe(tooLong);
        await("an error", () -> tooLong.errors.size() == 1);
        assertInstanceOf(IllegalArgumentException.class, tooLong.errors.getFirst());
        Recorder failing = new Recorder();
        failing.failsAt = 2;
        kelvin.publisher(endless(300)).subscribe(failing);
        failing.subscription.request(Long.MAX_VALUE);
        await("cancelled", () -> kelvin.metrics().cancelled() == 1);
        assertEquals(2, failing.pieces.size());
        Recorder cutOff = new Recorder();
        kelvin.publisher(endless(300)).subscribe(cutOff);
        kelvin.close();
        cutOff.subscription.request(Long.MAX_VALUE);
        await("an error", () -> cutOff.errors.size() == 1);
        assertInstanceOf(CancellationException.class, cutOff.errors.getFirst());
        Recorder late = new Recorder();
        kelvin.publisher(endless(3)).subscribe(late);
        await("an error", () -> late.errors.size() == 1);
        assertInstanceOf(IllegalStateException.class, late.errors.getFirst());
    }

    // Where models come from

    @Test
    void aModelMayBeAResource() throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, null)) {
            Path classes = Path.of(KelvinTest.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            String name = Anchor.class.getName().replace('.', '/') + ".class";
            Files.createDirectories(folder.resolve(name).getParent());
            Files.copy(classes.resolve(name), folder.resolve(name));
            Class<?> anchor = loader.loadClass(Anchor.class.getName());
            try (Kelvin resource = Kelvin.openResource(anchor, "/letters.gguf")) {
                StringBuilder text = new StringBuilder();
                resource.submit(endless(50), GenerationListener.ofText(text::append))
                        .result()
                        .join();
                assertEquals(text(endless(50)), text.toString());
            }
            assertThrows(NoSuchFileException.class, () -> Kelvin.openResource(anchor, "letters.gguf"));
        }
    }

    /** Lies beside no model but the one that it is copied to. */
    static final class Anchor {}

    @Test
    void anEncoderMakesVectorsOnly() throws IOException {
        assertEquals(0, kelvin.embeddingDim());
        assertTrue(kelvin.writes());
        assertThrows(IllegalArgumentException.class, () -> kelvin.embed("abc"));
        Path bert = SharedData.require("architectures/bert-mean.gguf");
        Kelvin closed;
        try (Kelvin encoder = Kelvin.open(bert)) {
            closed = encoder;
            assertTrue(!encoder.writes() && encoder.metrics() == null);
            List<float[]> vectors = encoder.embed(List.of("a small dog", "a puppy", "a small dog"));
            float[] alone = encoder.embed("a small dog");
            assertEquals(encoder.embeddingDim(), alone.length);
            assertArrayEquals(alone, vectors.get(2));
            double squares = 0;
            for (float each : vectors.get(1)) {
                squares += each * each;
            }
            assertEquals(1, squares, 1e-5);
            assertThrows(IllegalStateException.class, () -> encoder.stream("a"));
        }
        assertThrows(IllegalStateException.class, () -> closed.embed("a puppy"));
    }

    @Test
    void theRestOfAnAnswerHasItsTokens() {
        TextPiece piece = new TextPiece("", List.of(new GeneratedToken(1, Float.NaN, List.of())));
        assertThrows(UnsupportedOperationException.class, () -> piece.tokens().clear());
        PieceBuffer buffer = new PieceBuffer(() -> {});
        assertNull(buffer.poll());
        assertTrue(buffer.takesMore() && !buffer.isDone());
    }
}
