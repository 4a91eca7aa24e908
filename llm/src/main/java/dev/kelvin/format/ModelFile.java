// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.MappedTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a model is made from: metadata and tensors by name, whatever the format they are stored in. Keys and tensors are
 * called as in GGUF.
 *
 * <p>Instances may be shared between threads.
 */
public interface ModelFile extends AutoCloseable {
    /** The path it was opened with. */
    Path path();

    /** The files that hold the tensors, in their order. */
    List<Path> paths();

    /** The key-value pairs; they stay usable after {@link #close}. */
    GgufMetadata metadata();

    /**
     * All that a GGUF file of this model has as metadata: {@link #metadata}, and what is kept elsewhere because not
     * every use needs it.
     *
     * @throws ModelFormatException if a file that it is kept in is missing or malformed, or says what GGUF cannot
     * @throws IOException if reading fails for another reason
     */
    default GgufMetadata allMetadata() throws IOException {
        return metadata();
    }

    /** What is known about the tensors, in file order, unmodifiable; it stays usable after {@link #close}. */
    List<TensorInfo> tensors();

    /** What is known about the tensor of this name, if there is one. */
    Optional<TensorInfo> find(String name);

    /**
     * The tensor of this name, of whatever type. It must not be used after {@link #close}.
     *
     * @throws ModelFormatException if there is no such tensor
     * @throws IllegalStateException if the file is closed
     */
    MappedTensor tensor(String name) throws ModelFormatException;

    /**
     * The arena that ends when the file is closed: memory from it, for what is made of the file's tensors, ends with
     * them.
     */
    Arena arena();

    /** The size of all its files, in bytes. */
    long byteSize();

    /** Lets go of everything; closing twice does nothing. Tensors throw {@link IllegalStateException} afterwards. */
    @Override
    void close();
}
