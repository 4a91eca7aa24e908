// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.MappedTensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file with other metadata and other tensors.
 *
 * @param original holds the bytes
 * @param metadata instead of its own
 * @param tensors instead of its own, each of bytes of the original
 */
record EditedFile(ModelFile original, GgufMetadata metadata, List<TensorInfo> tensors) implements ModelFile {
    EditedFile(ModelFile original, Map<String, Object> metadata) {
        this(original, GgufMetadata.of(original.path(), metadata), original.tensors());
    }

    @Override
    public Path path() {
        return original.path();
    }

    @Override
    public List<Path> paths() {
        return original.paths();
    }

    @Override
    public Optional<TensorInfo> find(String name) {
        return tensors.stream().filter(info -> info.name().equals(name)).findFirst();
    }

    @Override
    public MappedTensor tensor(String name) throws ModelFormatException {
        MappedTensor whole = original.tensor(name);
        TensorInfo info = find(name).orElseThrow();
        return new MappedTensor(info.dtype(), info.shape(), whole.segment().asSlice(0, info.byteSize()));
    }

    @Override
    public Arena arena() {
        return original.arena();
    }

    @Override
    public long byteSize() {
        return original.byteSize();
    }

    @Override
    public void close() {
        // The original is closed by whoever opened it.
    }
}
