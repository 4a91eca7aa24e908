// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.MappedTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF model file: its metadata in memory, its tensors mapped. A model that is split over several files
 * ({@code NAME-00001-of-00003.gguf}) is one, given any of them: the metadata is that of the first part without what
 * describes the split, the tensors are those of all.
 *
 * <p>Versions 2 and 3 are read, little-endian only. Opening checks the whole header before anything is mapped. What the
 * format leaves open is decided so:
 *
 * <ul>
 *   <li>{@code general.alignment} must be a power of two and at least 8 (as ggml and the specification together
 *       demand); without it, the alignment is 32.
 *   <li>Keys and tensor names must be unique, 1 to 65,535 bytes of valid UTF-8.
 *   <li>Texts in values need not be valid UTF-8, since tokens of a vocabulary may hold parts of characters: what cannot
 *       be decoded becomes U+FFFD, so two such tokens may become equal.
 *   <li>A truth value other than 0 and 1 is refused. Arrays nest at most 4 deep (ggml refuses any nesting).
 *   <li>A tensor has 0 dimensions (one element) to 4, each from 0 to 2^31 - 1; at most 2^31 - 1 rows; rows of whole
 *       blocks.
 *   <li>Tensors may lie in any order and with gaps between them, but must not overlap; each begins at a multiple of the
 *       alignment. (ggml demands that they follow each other in the order of the list, so it reads fewer files.) Bytes
 *       after the last tensor are ignored.
 *   <li>A header, everything before the tensors' bytes, takes at most 128 MiB and lists at most 1,048,576 keys and as
 *       many tensors.
 * </ul>
 *
 * <p>Instances may be shared between threads. The file must not be cut while it is open: reading mapped bytes that are
 * gone ends in an {@link InternalError}. Overwriting by renaming a new file to the old name, as {@link GgufWriter}
 * does, is harmless.
 *
 * <p>Source: the GGUF specification, docs/gguf.md of ggml.
 */
public final class GgufFile implements ModelFile {
    /** Of a file in memory, in bytes: a cache line, as mapped files have at least. */
    private static final long ALIGNMENT = 64;

    private final Path path;
    private final List<GgufPart> parts;
    private final GgufMetadata metadata;
    private final List<TensorInfo> tensors;
    private final Map<String, Placed> byName;
    private final Arena arena;

    /** A tensor and the part that holds it. */
    private record Placed(TensorInfo info, GgufPart part) {}

    private GgufFile(Path path, List<GgufPart> parts, Arena arena) throws ModelFormatException {
        this.path = path;
        this.parts = parts;
        this.arena = arena;
        GgufMetadata first = parts.getFirst().header().metadata();
        metadata = parts.size() == 1 ? first : first.without(GgufSplit.KEYS);
        List<TensorInfo> all = new ArrayList<>();
        byName = new HashMap<>();
        for (GgufPart part : parts) {
            for (TensorInfo info : part.header().tensors()) {
                Placed before = byName.put(info.name(), new Placed(info, part));
                if (before != null) {
                    throw new ModelFormatException(
                            part.path(),
                            "tensor " + info.name(),
                            info.byteOffset(),
                            "each tensor in one part",
                            "it in " + before.part().path().getFileName() + " too");
                }
                all.add(info);
            }
        }
        tensors = Collections.unmodifiableList(all);
    }

    /**
     * Opens and checks a file, and all other parts of its model if it is split, and maps them.
     *
     * @throws ModelFormatException if there is no such file, if it is not a regular file or may not be read, if it is
     *     not a sound GGUF file, or if a part is missing or belongs to another model
     * @throws IOException if reading or mapping fails for another reason
     */
    public static GgufFile open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return new GgufFile(path, GgufSplit.open(path, arena), arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Checks a file that is already in memory, such as a resource of a jar, and copies it off the heap, where the
     * kernels for mapped files read it.
     *
     * @param path what messages call it
     * @param file the whole file
     * @throws ModelFormatException if it is not a sound GGUF file
     */
    public static GgufFile of(Path path, byte[] file) throws IOException {
        GgufHeader header = GgufPart.readHeader(path, (target, at) -> copy(file, target, at), file.length);
        Arena arena = Arena.ofShared();
        MemorySegment bytes = arena.allocate(file.length, ALIGNMENT);
        MemorySegment.copy(MemorySegment.ofArray(file), 0, bytes, 0, file.length);
        return new GgufFile(path, List.of(new GgufPart(path, header, bytes)), arena);
    }

    private static int copy(byte[] file, ByteBuffer target, long at) {
        int count = (int) Math.min(target.remaining(), file.length - at);
        target.put(file, (int) at, count);
        return count;
    }

    /** A copy of bytes of the header of the first part. */
    byte[] bytes(long begin, long end) {
        return parts.getFirst().bytes().asSlice(begin, end - begin).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Path path() {
        return path;
    }

    /** The files of the model, in their order: one, or all the parts that it is split over. */
    @Override
    public List<Path> paths() {
        return parts.stream().map(GgufPart::path).toList();
    }

    /** The version of the format, 2 or 3. */
    public int version() {
        return first().version();
    }

    /** The alignment of the tensors, in bytes. */
    public int alignment() {
        return first().alignment();
    }

    /**
     * Where the tensors' bytes begin, in bytes from the beginning of the first part. In a file without tensors it may
     * lie past the end, as nothing follows the header.
     */
    public long dataByteOffset() {
        return first().dataByteOffset();
    }

    private GgufHeader first() {
        return parts.getFirst().header();
    }

    /** The size of all parts, in bytes. */
    @Override
    public long byteSize() {
        return parts.stream().mapToLong(part -> part.bytes().byteSize()).sum();
    }

    @Override
    public GgufMetadata metadata() {
        return metadata;
    }

    @Override
    public List<TensorInfo> tensors() {
        return tensors;
    }

    @Override
    public Optional<TensorInfo> find(String name) {
        return Optional.ofNullable(byName.get(name)).map(Placed::info);
    }

    /**
     * The tensor of this name, of whatever type, mapped: nothing is read before it is used, and it must not be used
     * after {@link #close}.
     *
     * @throws ModelFormatException if there is no such tensor
     * @throws IllegalStateException if the file is closed
     */
    @Override
    public MappedTensor tensor(String name) throws ModelFormatException {
        Placed placed = byName.get(name);
        if (placed == null) {
            throw new ModelFormatException(
                    path,
                    "tensor " + name,
                    -1,
                    "a tensor of this name",
                    "none among the file's " + byName.size() + " tensors");
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("tensor: name " + name + ": the file " + path + " is closed");
        }
        TensorInfo info = placed.info();
        return new MappedTensor(
                info.dtype(), info.shape(), placed.part().bytes().asSlice(info.byteOffset(), info.byteSize()));
    }

    @Override
    public Arena arena() {
        return arena;
    }

    /**
     * Unmaps the file; closing twice does nothing. Mapped tensors throw {@link IllegalStateException} when used after
     * it.
     *
     * @throws IllegalStateException if mapped bytes are in use by an input or output operation at this moment
     */
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "GgufFile[" + path + ", version " + version() + ", " + tensors().size() + " tensors]";
    }
}
