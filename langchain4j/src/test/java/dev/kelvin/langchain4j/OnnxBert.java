// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a BERT as ONNX holds them, written as a folder of the hub.
 *
 * <p>ONNX is a protocol buffer: a model has a graph, a graph has nodes and initializers. A matrix that PyTorch's
 * exporter transposed has lost its name; the bias that is added to its product has kept one.
 */
final class OnnxBert {
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_OPERATION = 4;
    private static final int TENSOR_DIMS = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_RAW = 9;
    private static final int FLOAT = 1;

    private static final String CONFIG = """
            {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6,
             "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
             "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 30522, "pad_token_id": 0,
             "position_embedding_type": "absolute"}
            """;
    private static final String MODULES = """
            [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
             {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
            """;
    private static final String POOLING = """
            {"word_embedding_dimension": 384, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true}
            """;

    /** A tensor: extents, the first running slowest, and its floats in little-endian bytes. */
    private record Weights(List<Long> dims, ByteBuffer bytes) {
        Weights transposed() {
            int rows = Math.toIntExact(dims.get(0));
            int columns = Math.toIntExact(dims.get(1));
            ByteBuffer turned = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
            for (int column = 0; column < columns; column++) {
                for (int row = 0; row < rows; row++) {
                    turned.putFloat(bytes.getFloat(bytes.position() + Float.BYTES * (row * columns + column)));
                }
            }
            return new Weights(List.of(dims.get(1), dims.get(0)), turned.flip());
        }
    }

    private record Node(String operation, List<String> inputs, String output) {}

    /** One field of a message: its number and either its number or its bytes. */
    private record Field(int number, long value, ByteBuffer bytes) {
        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }
    }

    private OnnxBert() {}

    /** Writes config.json, tokenizer.json, the pooling and model.safetensors. */
    static void write(byte[] onnx, byte[] tokenizer, Path folder) throws IOException {
        Map<String, Weights> named = new HashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Field graph : fields(ByteBuffer.wrap(onnx))) {
            if (graph.number() == MODEL_GRAPH) {
                readGraph(graph.bytes(), nodes, named);
            }
        }
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("config.json"), CONFIG);
        Files.writeString(folder.resolve("modules.json"), MODULES);
        Files.writeString(folder.resolve("1_Pooling/config.json"), POOLING);
        Files.write(folder.resolve("tokenizer.json"), tokenizer);
        writeSafetensors(underNames(nodes, named), folder.resolve("model.safetensors"));
    }

    private static void readGraph(ByteBuffer graph, List<Node> nodes, Map<String, Weights> named) {
        for (Field field : fields(graph)) {
            if (field.number() == GRAPH_NODE) {
                nodes.add(node(field.bytes()));
            } else if (field.number() == GRAPH_INITIALIZER) {
                readTensor(field.bytes(), named);
            }
        }
    }

    private static Node node(ByteBuffer message) {
        List<String> inputs = new ArrayList<>();
        String output = "";
        String operation = "";
        for (Field field : fields(message)) {
            switch (field.number()) {
                case NODE_INPUT -> inputs.add(field.text());
                case NODE_OUTPUT -> output = field.text();
                case NODE_OPERATION -> operation = field.text();
                default -> {}
            }
        }
        return new Node(operation, inputs, output);
    }

    private static void readTensor(ByteBuffer message, Map<String, Weights> named) {
        List<Long> dims = new ArrayList<>();
        String name = "";
        long type = 0;
        ByteBuffer raw = ByteBuffer.allocate(0);
        for (Field field : fields(message)) {
            switch (field.number()) {
                case TENSOR_DIMS -> dims.add(field.value());
                case TENSOR_TYPE -> type = field.value();
                case TENSOR_NAME -> name = field.text();
                case TENSOR_RAW -> raw = field.bytes();
                default -> {}
            }
        }
        if (type == FLOAT) {
            named.put(name, new Weights(dims, raw));
        }
    }

    /** The name of a bias, less its last word, is the name of the matrix before it. */
    private static Map<String, Weights> underNames(List<Node> nodes, Map<String, Weights> named) {
        Map<String, Weights> products = new HashMap<>();
        Map<String, Weights> result = new LinkedHashMap<>();
        for (Node node : nodes) {
            if (node.operation().equals("MatMul")
                    && named.containsKey(node.inputs().get(1))) {
                products.put(node.output(), named.get(node.inputs().get(1)));
            } else if (node.operation().equals("Add")) {
                for (int i = 0; i < 2; i++) {
                    String bias = node.inputs().get(i);
                    Weights matrix = products.get(node.inputs().get(1 - i));
                    if (matrix != null && bias.endsWith(".bias")) {
                        result.put(bias.replaceFirst("bias$", "weight"), matrix.transposed());
                    }
                }
            }
        }
        named.forEach((name, weights) -> {
            if (name.startsWith("embeddings.") || name.startsWith("encoder.")) {
                result.put(name, weights);
            }
        });
        return result;
    }

    private static void writeSafetensors(Map<String, Weights> tensors, Path file) throws IOException {
        StringBuilder header = new StringBuilder("{");
        long end = 0;
        for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
            long begin = end;
            end += tensor.getValue().bytes().remaining();
            header.append(header.length() == 1 ? "" : ",")
                    .append("\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(tensor.getKey(), tensor.getValue().dims(), begin, end));
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length)
                    .array());
            out.write(json);
            for (Weights weights : tensors.values()) {
                byte[] bytes = new byte[weights.bytes().remaining()];
                weights.bytes().duplicate().get(bytes);
                out.write(bytes);
            }
        }
    }

    private static List<Field> fields(ByteBuffer message) {
        ByteBuffer in = message.duplicate();
        List<Field> fields = new ArrayList<>();
        while (in.hasRemaining()) {
            long tag = varint(in);
            int number = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case 0 -> fields.add(new Field(number, varint(in), null));
                case 1 -> in.position(in.position() + Long.BYTES);
                case 5 -> in.position(in.position() + Integer.BYTES);
                case 2 -> {
                    int length = Math.toIntExact(varint(in));
                    ByteBuffer bytes = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                    in.position(in.position() + length);
                    fields.add(new Field(number, 0, bytes));
                }
                default -> throw new IllegalStateException("a field of kind " + (tag & 7));
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
