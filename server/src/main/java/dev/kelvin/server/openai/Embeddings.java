// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.answer.Vectors;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/embeddings}: vectors of texts. */
public final class Embeddings {
    private static final int MOST_TEXTS = 2048;

    private final Served served;
    private final Vectors vectors;

    /** Answers with a model. */
    public Embeddings(Served served, Vectors vectors) {
        this.served = served;
        this.vectors = vectors;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        List<int[]> texts = texts(fields);
        boolean base64 = fields.word("encoding_format", "float", List.of("float", "base64"))
                .equals("base64");
        fields.only("dimensions", List.of((long) vectors.dim()));
        fields.label("user");
        fields.end();
        List<float[]> made = vectors.of(texts);
        List<Object> data = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("object", "embedding");
            each.put("index", i);
            each.put("embedding", base64 ? base64(made.get(i)) : list(made.get(i)));
            data.add(each);
        }
        int tokens = texts.stream().mapToInt(ids -> ids.length).sum();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("object", "list");
        json.put("data", data);
        json.put("model", served.name());
        json.put("usage", Map.of("prompt_tokens", tokens, "total_tokens", tokens));
        call.json(json);
    }

    private List<int[]> texts(Fields fields) throws ApiException {
        Object input = fields.value("input");
        int vocabSize = served.tokenizer().vocabSize();
        List<int[]> texts = new ArrayList<>();
        if (input instanceof String text) {
            texts.add(vectors.ids(text, false));
        } else if (input instanceof List<?> ids && !ids.isEmpty() && ids.getFirst() instanceof Number) {
            texts.add(vectors.checked(Fields.ids("input", ids, vocabSize)));
        } else {
            for (Object each : input instanceof List<?> list ? list : List.of()) {
                texts.add(
                        each instanceof String text
                                ? vectors.ids(text, false)
                                : vectors.checked(Fields.ids(
                                        "input", each instanceof List<?> ids ? ids : List.of(""), vocabSize)));
            }
        }
        if (texts.isEmpty() || texts.size() > MOST_TEXTS) {
            throw ApiException.value(
                    "input", "'input' must be a text, token ids, or a list of 1 to " + MOST_TEXTS + " of them.");
        }
        return texts;
    }

    private static List<Object> list(float[] vector) {
        List<Object> list = new ArrayList<>(vector.length);
        for (float each : vector) {
            list.add(each);
        }
        return list;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
