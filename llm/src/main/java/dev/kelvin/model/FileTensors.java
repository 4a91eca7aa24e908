// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.nn.WeightSource;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The tensors of a file: takes them one by one for a plan, each with the shape that the architecture expects, and knows
 * in the end which were left over, for a bias nobody adds would silently make another model. Then gives the decoder the
 * tensors of the plan.
 */
final class FileTensors implements Tensors.Holder, WeightSource {
    private final ModelFile file;
    private final Progress progress;
    private final WeightPacker packer;
    private final Set<String> taken = new HashSet<>();
    private final Consumer<ModelFormatException> defects;
    private final Map<Part, Tensor> factors = new HashMap<>();
    private final long total;
    private long done;
    private boolean packed;

    FileTensors(ModelFile file, Compute compute, Progress progress) {
        this(file, compute, progress, SystemMemory.limit(), null);
    }

    private FileTensors(
            ModelFile file,
            Compute compute,
            Progress progress,
            OptionalLong memory,
            Consumer<ModelFormatException> defects) {
        this.file = file;
        this.progress = progress;
        this.defects = defects;
        total = file.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
        long held = file.tensors().stream().mapToLong(FileTensors::heldBytes).sum();
        packer = new WeightPacker(compute, file.arena(), held, memory, progress);
    }

    /** What a tensor takes in memory: most types as much as in the file, some more once they are packed. */
    private static long heldBytes(TensorInfo info) {
        boolean packs =
                PackedLayout.of(info.dtype()).isPresent() && info.shape().rows() >= PackedLayout.STRIP;
        return packs ? PackedTensor.bytes(info.dtype(), info.shape()) : info.byteSize();
    }

    /** The tensors of a file that is only looked at: none is packed, and defects are told instead of thrown. */
    static FileTensors surveyed(ModelFile file, Compute compute, Consumer<ModelFormatException> defects) {
        return new FileTensors(file, compute, LoadOptions.QUIET.progress(), OptionalLong.of(0), defects);
    }

    @Override
    public boolean has(String name) {
        return file.find(name).isPresent();
    }

    @Override
    public void take(String name, Shape shape) throws ModelFormatException {
        taken.add(name);
        Optional<ModelFormatException> defect = defect(name, shape);
        if (defect.isPresent()) {
            if (defects == null) {
                throw defect.get();
            }
            defects.accept(defect.get());
        }
    }

    private Optional<ModelFormatException> defect(String name, Shape shape) {
        Optional<TensorInfo> found = file.find(name);
        if (found.isEmpty()) {
            return Optional.of(refuse(name, "a tensor " + shape, "no such tensor"));
        }
        if (!found.get().shape().equals(shape)) {
            return Optional.of(
                    refuse(name, shape.toString(), found.get().shape().toString()));
        }
        if (!found.get().dtype().isDecodable()) {
            return Optional.of(refuse(
                    name,
                    "a weight type that can be computed (" + DType.decodable() + ")",
                    found.get().dtype().toString()));
        }
        return Optional.empty();
    }

    /** Bytes of a tensor; 0 if there is none of this name. */
    long byteSize(String name) {
        return file.find(name).map(TensorInfo::byteSize).orElse(0L);
    }

    @Override
    public void ignore(String prefix) {
        file.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> name.startsWith(prefix))
                .forEach(taken::add);
    }

    @Override
    public int rows(String name) throws ModelFormatException {
        Shape shape =
                file.find(name).map(TensorInfo::shape).orElseThrow(() -> refuse(name, "a table", "no such tensor"));
        return shape.rank() == 0 ? 0 : shape.dim(0);
    }

    @Override
    public float[] values(String name, int length) throws ModelFormatException {
        taken.add(name);
        Optional<ModelFormatException> defect = defect(name, Shape.of(length));
        if (defect.isPresent()) {
            throw defect.get();
        }
        return file.tensor(name).toHeap().data();
    }

    @Override
    public ModelFormatException refuse(String name, String expected, String found) {
        Optional<TensorInfo> info = file.find(name);
        Path path = info.map(TensorInfo::path).orElse(file.path());
        long byteOffset = info.map(TensorInfo::byteOffset).orElse(-1L);
        return new ModelFormatException(path, "tensor " + name, byteOffset, expected, found);
    }

    /** Refuses a file that holds tensors nobody took. Those without elements change nothing. */
    void requireAllTaken() throws ModelFormatException {
        List<TensorInfo> left = left();
        if (!left.isEmpty()) {
            throw refuse(
                    left.getFirst().name(),
                    "only tensors that the architecture computes with",
                    left.size() + " that would be ignored, this one first");
        }
    }

    /** What nobody took. */
    List<TensorInfo> left() {
        return file.tensors().stream()
                .filter(info -> !taken.contains(info.name()) && info.shape().elements() > 0)
                .toList();
    }

    @Override
    public Tensor table(Weight weight) {
        return mapped(weight.whole());
    }

    /** Rows of a matrix, packed if that makes it faster, else left in the mapped file. */
    @Override
    public Tensor factor(Part part) {
        return factors.computeIfAbsent(part, this::pack);
    }

    /** Pages of the file that have become a packed copy are not needed in memory any more. */
    private Tensor pack(Part part) {
        MappedTensor rows = mapped(part);
        Tensor factor = packer.pack(rows);
        done += rows.segment().byteSize();
        if (factor instanceof PackedTensor) {
            if (rows.segment().isMapped()) {
                rows.segment().unload();
            }
            packed = true;
            if (done < total) {
                progress.at(done, total);
            }
        }
        return factor;
    }

    @Override
    public HeapTensor vector(Part part) {
        HeapTensor all = mapped(part.weight().whole()).toHeap();
        return HeapTensor.view(all.data(), all.offset() + part.begin(), part.rows());
    }

    /** Tells that the decoder has all it needs, if that was told of before. */
    void finish() {
        if (packed) {
            progress.at(total, total);
        }
    }

    private MappedTensor mapped(Part part) {
        MappedTensor whole;
        try {
            whole = file.tensor(part.weight().name());
        } catch (ModelFormatException e) {
            throw new AssertionError("the plan was made of this file", e);
        }
        if (part.isWhole()
                && whole.shape().equals(part.weight().shape())
                && whole.shape().rank() < 3) {
            return whole;
        }
        long rowBytes = whole.dtype().byteSize(part.columns());
        return new MappedTensor(
                whole.dtype(),
                Shape.of(part.rows(), part.columns()),
                whole.segment().asSlice(part.begin() * rowBytes, part.rows() * rowBytes));
    }
}
