// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.answer.Vectors;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /api/embed} and its older form {@code /api/embeddings}: vectors of texts, cut if they are too long. */
public final class OllamaEmbed {
    private final Served served;
    private final Vectors vectors;

    /** Answers with a model. */
    public OllamaEmbed(Served served, Vectors vectors) {
        this.served = served;
        this.vectors = vectors;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException {
        long start = System.nanoTime();
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        boolean truncates = fields.flag("truncate", true);
        fields.value("keep_alive"); // the one model stays
        fields.only("dimensions", List.of((long) vectors.dim()));
        fields.only("options", List.of(Map.of()));
        List<String> texts = fields.strings("input");
        fields.end();
        List<int[]> ids = new ArrayList<>();
        for (String text : texts) {
            ids.add(vectors.ids(text, truncates));
        }
        List<Object> embeddings = new ArrayList<>();
        for (float[] vector : vectors.of(ids)) {
            embeddings.add(elements(vector));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", served.name());
        json.put("embeddings", embeddings);
        json.put("total_duration", System.nanoTime() - start);
        json.put("load_duration", 0);
        json.put("prompt_eval_count", ids.stream().mapToInt(each -> each.length).sum());
        call.json(json);
    }

    /** Answers a call of the older form: one text, one vector. */
    public void answerOne(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        fields.value("keep_alive"); // the one model stays
        fields.only("options", List.of(Map.of()));
        String text = fields.requiredString("prompt");
        fields.end();
        List<float[]> vector = vectors.of(List.of(vectors.ids(text, true)));
        call.json(Map.of("embedding", elements(vector.getFirst())));
    }

    private static List<Object> elements(float[] vector) {
        List<Object> elements = new ArrayList<>(vector.length);
        for (float each : vector) {
            elements.add(each);
        }
        return elements;
    }
}
