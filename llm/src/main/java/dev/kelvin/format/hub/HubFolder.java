// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.SafetensorsFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A model as the Hugging Face hub has it: a folder with {@code config.json} and {@code model.safetensors}, or with
 * several files that {@code model.safetensors.index.json} lists. Metadata and tensors have the names and the values
 * that they would have in a GGUF file, so that the same model is computed, bit for bit.
 *
 * <p>Tensors of types F32, F16 and BF16 are read directly from the mapped files. Some families need a few of them
 * changed (queries and keys that turn in adjacent pairs, gains of 1 + w); those copies end with the folder.
 */
public final class HubFolder implements ModelFile {
    /** The file that says what model it is. */
    public static final String CONFIG = "config.json";

    private static final String TOKEN_TYPES = "token_types.weight";
    private static final String TOKEN_TYPE_COUNT = "tokenizer.ggml.token_type_count";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String SINGLE = "model.safetensors";
    private static final String SAFETENSORS = ".safetensors";
    private static final int LONGEST_INDEX = 16_000_000;
    private static final int MOST_VALUES = 1 << 18;
    private static final int MOST_FILES = 10_000;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena;
    private final List<SafetensorsFile> files;
    private final GgufMetadata metadata;
    private final Map<String, HubTensor> tensors;
    private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
    private final Map<String, MappedTensor> made = new HashMap<>();

    private HubFolder(Path path, Arena arena) throws IOException {
        this.path = path;
        this.arena = arena;
        HubConfig config = HubConfig.read(require(CONFIG));
        HubFamily family = family(config);
        HubMetadata translated = new HubMetadata(config, family);
        Map<String, Object> keys = translated.all();
        keys.putAll(new HubTexts(path, config).keys());
        metadata = GgufMetadata.of(config.path(), keys);
        files = openAll();
        HubTensors found = new HubTensors(config, family, files);
        for (HubDense dense : translated.dense()) {
            SafetensorsFile file = SafetensorsFile.open(dense.file(), arena);
            found.add(dense, file);
            files.add(file);
        }
        found.requireHead(path);
        tensors = found.all();
        tensors.forEach((name, tensor) -> infos.put(name, tensor.info()));
        translated.tensors().forEach((name, values) -> addVector(config.path(), name, values));
    }

    /**
     * Opens and checks a folder.
     *
     * @throws ModelFormatException if a file is missing or malformed, or if the folder asks for something that GGUF
     *     cannot say or that is not known
     * @throws IOException if reading or mapping fails for another reason
     */
    public static HubFolder open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try {
            return new HubFolder(path, arena);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private Path require(String name) throws ModelFormatException {
        Path file = path.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new ModelFormatException(
                    path, "folder", -1, "a model as the hub has it, with " + CONFIG + " and " + SINGLE, "no " + name);
        }
        return file;
    }

    private static HubFamily family(HubConfig config) throws ModelFormatException {
        List<String> classes = config.strings("architectures");
        for (String name : classes) {
            Optional<HubFamily> family = HubFamily.of(name);
            if (family.isPresent()) {
                return family.get();
            }
        }
        throw new ModelFormatException(
                config.path(),
                "key architectures",
                -1,
                "one that is known (" + String.join(", ", HubFamily.classes()) + ")",
                String.join(", ", classes));
    }

    private List<SafetensorsFile> openAll() throws IOException {
        List<SafetensorsFile> opened = new ArrayList<>();
        if (!Files.exists(path.resolve(INDEX))) {
            opened.add(SafetensorsFile.open(require(SINGLE), arena));
            return opened;
        }
        Map<String, String> places = readIndex(path.resolve(INDEX));
        for (String name : new TreeSet<>(places.values())) {
            SafetensorsFile file = SafetensorsFile.open(path.resolve(name), arena);
            for (String tensor : file.tensors().keySet()) {
                if (!name.equals(places.remove(tensor))) {
                    throw file.refuse(tensor, "a tensor that " + INDEX + " has in this file", "it elsewhere");
                }
            }
            opened.add(file);
        }
        if (!places.isEmpty()) {
            Map.Entry<String, String> first = places.entrySet().iterator().next();
            throw new ModelFormatException(
                    path.resolve(first.getValue()),
                    "tensor " + first.getKey(),
                    -1,
                    "a tensor of this name, which " + INDEX + " lists",
                    "none");
        }
        return opened;
    }

    /** Which file each tensor is in; plain names, so that no file outside the folder is opened. */
    private static Map<String, String> readIndex(Path index) throws IOException {
        if (Files.size(index) > LONGEST_INDEX) {
            throw bad(index, -1, "at most " + LONGEST_INDEX + " bytes", Files.size(index) + " bytes");
        }
        Map<String, String> places = new LinkedHashMap<>();
        Set<String> files = new HashSet<>();
        try {
            JsonReader.readFields(Files.readAllBytes(index), MOST_VALUES, (name, value) -> {
                if (!name.equals("weight_map") || !(value instanceof Map<?, ?> map)) {
                    return;
                }
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (!(entry.getValue() instanceof String file) || !isPlainName(file)) {
                        throw bad(index, -1, "names of safetensors files beside it", entry.getValue() + "");
                    }
                    places.put((String) entry.getKey(), file);
                    if (files.add(file) && files.size() > MOST_FILES) {
                        throw bad(index, -1, "a weight_map of at most " + MOST_FILES + " files", "more");
                    }
                }
            });
        } catch (JsonSyntaxException e) {
            throw bad(index, e.offset(), "a JSON object with a weight_map", e.getMessage());
        }
        if (places.isEmpty()) {
            throw bad(index, -1, "a weight_map of tensors", "none");
        }
        return places;
    }

    /** A name in the folder itself. A loop, as an index has many, each as long as it likes. */
    private static boolean isPlainName(String file) {
        for (int i = 0; i < file.length(); i++) {
            char c = file.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!plain && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return file.length() > SAFETENSORS.length() && file.endsWith(SAFETENSORS);
    }

    private static ModelFormatException bad(Path file, long at, String expected, String found) {
        return new ModelFormatException(file, "file", at, expected, found);
    }

    private void addVector(Path from, String name, float[] values) {
        MemorySegment bytes = arena.allocate((long) values.length * Float.BYTES, Float.BYTES);
        for (int i = 0; i < values.length; i++) {
            bytes.set(FLOAT, (long) i * Float.BYTES, values[i]);
        }
        Shape shape = HeapTensor.of(values, values.length).shape();
        infos.put(name, new TensorInfo(from, name, DType.F32, shape, -1, bytes.byteSize()));
        made.put(name, new MappedTensor(DType.F32, shape, bytes));
    }

    /** Rows of the embedding; a tokenizer may have fewer tokens, or further ones that the model does not know. */
    public int vocabSize() throws ModelFormatException {
        return metadata.integer(metadata.string("general.architecture") + ".vocab_size");
    }

    /** The file that describes the tokenizer; it need not exist. */
    public Path tokenizer() {
        return path.resolve("tokenizer.json");
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public List<Path> paths() {
        return files.stream().map(SafetensorsFile::path).toList();
    }

    @Override
    public GgufMetadata metadata() {
        return metadata;
    }

    /** {@link #metadata} and the vocabulary. */
    @Override
    public GgufMetadata allMetadata() throws IOException {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("general.architecture", metadata.string("general.architecture"));
        Path name = path.toAbsolutePath().normalize().getFileName();
        keys.put("general.name", name == null ? "model" : name.toString());
        keys.putAll(metadata.asMap());
        keys.putAll(HubVocabulary.keys(tokenizer(), vocabSize()));
        find(TOKEN_TYPES)
                .ifPresent(info -> keys.put(TOKEN_TYPE_COUNT, info.shape().rows()));
        return GgufMetadata.of(tokenizer(), keys);
    }

    @Override
    public List<TensorInfo> tensors() {
        return List.copyOf(infos.values());
    }

    @Override
    public Optional<TensorInfo> find(String name) {
        return Optional.ofNullable(infos.get(name));
    }

    @Override
    public synchronized MappedTensor tensor(String name) throws ModelFormatException {
        if (!infos.containsKey(name)) {
            String found = "none among the model's " + infos.size() + " tensors";
            throw new ModelFormatException(path, "tensor " + name, -1, "a tensor of this name", found);
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("tensor: name " + name + ": the folder " + path + " is closed");
        }
        return made.computeIfAbsent(name, key -> tensors.get(key).make(arena));
    }

    @Override
    public Arena arena() {
        return arena;
    }

    @Override
    public long byteSize() {
        return files.stream().mapToLong(file -> file.bytes().byteSize()).sum();
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public String toString() {
        return "HubFolder[" + path + ", " + infos.size() + " tensors]";
    }
}
