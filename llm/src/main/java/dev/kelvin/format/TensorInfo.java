// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.Shape;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What a model file says about one tensor.
 *
 * @param path the file that holds it
 * @param name its name, unique in the file
 * @param dtype how its numbers are stored
 * @param shape its dimensions, outermost first (GGUF itself lists the innermost first)
 * @param byteOffset where its bytes begin, counted from the beginning of the file
 * @param byteSize how many bytes it takes
 */
public record TensorInfo(Path path, String name, DType dtype, Shape shape, long byteOffset, long byteSize) {
    /** Refuses null. */
    public TensorInfo {
        Objects.requireNonNull(path);
        Objects.requireNonNull(name);
        Objects.requireNonNull(dtype);
        Objects.requireNonNull(shape);
    }
}
