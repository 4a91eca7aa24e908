// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of one type on their way into safetensors files. */
final class HubShards {
    private final DType type;
    private final Map<String, byte[]> tensors = new LinkedHashMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    HubShards(DType type) {
        this.type = type;
    }

    /** Adds a tensor. */
    void put(String name, float[] values, int[] dims) {
        byte[] bytes = new byte[(int) type.byteSize(values.length)];
        type.format().encode(values, 0, bytes, 0, values.length);
        tensors.put(name, bytes);
        shapes.put(name, dims);
    }

    /** Blocks of 32 numbers that are 0, 0.5, 1, 1.5, 2, 3, 4 or 6 times a power of two. */
    void putCodes(String name, float[] values, int[] dims) {
        float[] levels = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        byte[] codes = new byte[values.length / 2];
        byte[] scales = new byte[values.length / 32];
        for (int block = 0; block < scales.length; block++) {
            byte[] encoded = new byte[17];
            DType.MXFP4.format().encode(values, block * 32, encoded, 0, 32);
            scales[block] = encoded[0];
            float scale = Math.scalb(1f, (encoded[0] & 255) - 127);
            for (int i = 0; i < 32; i++) {
                float value = values[block * 32 + i];
                int code = 0;
                while (levels[code] * scale != Math.abs(value)) {
                    code++;
                }
                code |= value < 0 ? 8 : 0;
                codes[block * 16 + i / 2] |= (byte) (code << (i % 2 * 4));
            }
        }
        tensors.put(name + "_blocks", codes);
        shapes.put(name + "_blocks", new int[] {dims[0], dims[1], dims[2] / 32, 16});
        tensors.put(name + "_scales", scales);
        shapes.put(name + "_scales", new int[] {dims[0], dims[1], dims[2] / 32});
    }

    private static boolean isCodes(String name) {
        return name.endsWith("_blocks") || name.endsWith("_scales");
    }

    /** Writes all tensors, spread over so many files. */
    void write(Path folder, int shards) throws IOException {
        List<String> names = new ArrayList<>(tensors.keySet());
        Map<String, Object> places = new LinkedHashMap<>();
        for (int shard = 0; shard < shards; shard++) {
            int begin = names.size() * shard / shards;
            int end = names.size() * (shard + 1) / shards;
            String name = shards == 1
                    ? "model.safetensors"
                    : String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
            names.subList(begin, end).forEach(tensor -> places.put(tensor, name));
            writeShard(folder.resolve(name), names.subList(begin, end), shard % 2);
        }
        if (shards > 1) {
            Files.writeString(
                    folder.resolve("model.safetensors.index.json"),
                    JsonWriter.write(Map.of("metadata", Map.of("total_size", 1), "weight_map", places)));
        }
    }

    /** The data begins at an even or at an odd byte. */
    private void writeShard(Path path, List<String> names, int odd) throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        header.put("__metadata__", Map.of("format", "pt"));
        for (String name : names) {
            List<Object> dims = new ArrayList<>();
            for (int dim : shapes.get(name)) {
                dims.add((long) dim);
            }
            long begin = data.size();
            data.writeBytes(tensors.get(name));
            header.put(
                    name,
                    Map.of(
                            "dtype",
                            isCodes(name) ? "U8" : type.name(),
                            "shape",
                            dims,
                            "data_offsets",
                            List.of(begin, (long) data.size())));
        }
        byte[] text = JsonWriter.write(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8 + odd);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .array());
        file.writeBytes(padded);
        data.writeTo(file);
        Files.write(path, file.toByteArray());
    }
}
