// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint of llama2.c: a llama model in F32, or in codes of 8 bits with a scale a group, and beside it a
 * {@code tokenizer.bin}. Metadata and tensors have the names and values that a GGUF file of the model has, so that the
 * same is computed, bit for bit.
 *
 * <p>There are three forms: the first, whose header is seven integers, V negative where the output is no copy of the
 * embedding; and versions 1 (F32) and 2 (codes) with a magic number. Numbers in F32 are read from the mapping; codes
 * become F32 when a tensor is first asked for.
 *
 * <p>Source: {@code export.py} of karpathy/llama2.c.
 */
public final class Llama2cFile implements ModelFile {
    private static final String VOCABULARY = "tokenizer.bin";
    private static final float EPSILON = 1e-5f;
    private static final float ROPE_BASE = 10_000;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final MemorySegment bytes;
    private final int group;
    private final GgufMetadata metadata;
    private final Map<String, Llama2cLayout.Place> places;
    private final Map<String, MappedTensor> made = new HashMap<>();

    private Llama2cFile(Path path, Arena arena) throws IOException {
        this.path = path;
        this.arena = arena;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        Llama2cHeader header = Llama2cHeader.of(bytes)
                .orElseThrow(() -> new ModelFormatException(
                        path, "header", 0, "sizes of a checkpoint of llama2.c, version 0, 1 or 2", "others"));
        Llama2cLayout layout = new Llama2cLayout(path, header);
        if (layout.end() != bytes.byteSize()) {
            throw new ModelFormatException(
                    path, "file", -1, layout.end() + " bytes, as its header says", bytes.byteSize() + " bytes");
        }
        group = header.group();
        places = layout.places();
        Map<String, Object> keys = keys(header.sizes());
        Path vocabulary = path.resolveSibling(VOCABULARY);
        if (Files.isRegularFile(vocabulary)) {
            keys.putAll(Llama2cVocabulary.keys(vocabulary, header.sizes().vocabSize()));
        }
        metadata = GgufMetadata.of(path, keys);
    }

    /** Whether a file begins as these do; one without a magic number must have the size that its header gives it. */
    public static boolean isOne(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            long size = channel.size();
            long head = Math.min(size, Llama2cHeader.LONGEST);
            MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, head, arena);
            return Llama2cHeader.isMarked(bytes)
                    || Llama2cHeader.of(bytes)
                            .filter(header -> new Llama2cLayout(path, header).end() == size)
                            .isPresent();
        }
    }

    /**
     * Opens and checks a file.
     *
     * @throws ModelFormatException if it is no sound checkpoint, or the {@code tokenizer.bin} beside it no vocabulary
     * @throws IOException if reading or mapping fails for another reason
     */
    public static Llama2cFile open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return new Llama2cFile(path, arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static Map<String, Object> keys(Llama2cHeader.Sizes sizes) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("general.architecture", "llama");
        keys.put("llama.context_length", sizes.contextLength());
        keys.put("llama.embedding_length", sizes.dim());
        keys.put("llama.block_count", sizes.layers());
        keys.put("llama.feed_forward_length", sizes.ffnDim());
        keys.put("llama.attention.head_count", sizes.heads());
        keys.put("llama.attention.head_count_kv", sizes.kvHeads());
        keys.put("llama.attention.layer_norm_rms_epsilon", EPSILON);
        keys.put("llama.rope.dimension_count", sizes.headDim());
        keys.put("llama.rope.freq_base", ROPE_BASE);
        keys.put("llama.vocab_size", sizes.vocabSize());
        return keys;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public List<Path> paths() {
        return List.of(path);
    }

    @Override
    public GgufMetadata metadata() {
        return metadata;
    }

    @Override
    public List<TensorInfo> tensors() {
        return places.values().stream().map(Llama2cLayout.Place::info).toList();
    }

    @Override
    public Optional<TensorInfo> find(String name) {
        return Optional.ofNullable(places.get(name)).map(Llama2cLayout.Place::info);
    }

    @Override
    public synchronized MappedTensor tensor(String name) throws ModelFormatException {
        Llama2cLayout.Place place = places.get(name);
        if (place == null) {
            String found = "none among the model's " + places.size() + " tensors";
            throw new ModelFormatException(path, "tensor " + name, -1, "a tensor of this name", found);
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("tensor: name " + name + ": the file " + path + " is closed");
        }
        return made.computeIfAbsent(name, key -> make(place));
    }

    private MappedTensor make(Llama2cLayout.Place place) {
        TensorInfo info = place.info();
        if (place.scalesOffset() < 0) {
            return new MappedTensor(DType.F32, info.shape(), bytes.asSlice(info.byteOffset(), info.byteSize()));
        }
        MemorySegment numbers = arena.allocate(info.byteSize(), Float.BYTES);
        for (long i = 0; i < info.shape().elements(); i++) {
            float scale = bytes.get(FLOAT, place.scalesOffset() + i / group * Float.BYTES);
            numbers.set(FLOAT, i * Float.BYTES, bytes.get(ValueLayout.JAVA_BYTE, info.byteOffset() + i) * scale);
        }
        return new MappedTensor(DType.F32, info.shape(), numbers);
    }

    @Override
    public Arena arena() {
        return arena;
    }

    @Override
    public long byteSize() {
        return bytes.byteSize();
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "Llama2cFile[" + path + ", " + places.size() + " tensors]";
    }
}
