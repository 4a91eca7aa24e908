// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.plan.Pooling;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /api/tags}, {@code GET /api/ps}, {@code POST /api/show} and {@code GET /api/version}. */
public final class OllamaModels {
    /** As Ollama tells what is kept for good. */
    private static final String NEVER = "2318-01-01T00:00:00Z";

    private final Served served;

    /** Tells of a model. */
    public OllamaModels(Served served) {
        this.served = served;
    }

    /** All models. */
    public void tags(Call call) throws ApiException {
        call.json(Map.of("models", List.of(model())));
    }

    /** The models in memory: the one there is, which stays. */
    public void running(Call call) throws ApiException {
        Map<String, Object> model = model();
        model.put("expires_at", NEVER);
        model.put("size_vram", 0);
        model.put("context_length", served.contextLength());
        call.json(Map.of("models", List.of(model)));
    }

    private Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("name", served.name() + ":latest");
        model.put("model", served.name() + ":latest");
        model.put("modified_at", served.since().toString());
        model.put("digest", served.fingerprint().model());
        model.put("details", details());
        return model;
    }

    /** What is known of the model. */
    public void show(Call call) throws ApiException {
        Fields fields = call.fields();
        String model = fields.string("model");
        String name = fields.string("name");
        fields.flag("verbose", false);
        fields.end();
        served.checkName(model == null ? name : model);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("modelfile", "");
        json.put("parameters", "");
        json.put("template", string("tokenizer.chat_template"));
        json.put("details", details());
        json.put("model_info", info());
        json.put("capabilities", capabilities());
        json.put("modified_at", served.since().toString());
        call.json(json);
    }

    /** The version. */
    public void version(Call call) {
        call.json(Map.of("version", served.fingerprint().engine()));
    }

    private Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("parent_model", "");
        details.put("format", "gguf");
        details.put("family", string("general.architecture"));
        details.put("families", List.of(string("general.architecture")));
        details.put("parameter_size", string("general.size_label"));
        return details;
    }

    private Map<String, Object> info() {
        String architecture = string("general.architecture");
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("general.architecture", architecture);
        info.put(architecture + ".context_length", served.contextLength());
        info.put(
                architecture + ".block_count",
                served.open().model().plan().blocks().size());
        info.put(
                architecture + ".embedding_length",
                served.open().model().plan().sizes().dim());
        info.put(architecture + ".vocab_size", served.open().vocabSize());
        return info;
    }

    private List<Object> capabilities() throws ApiException {
        List<Object> capabilities = new ArrayList<>();
        if (served.writes()) {
            capabilities.add("completion");
            if (served.chat().style().template().mentions("tools")) {
                capabilities.add("tools");
            }
            if (served.chat().style().template().mentions("think")) {
                capabilities.add("thinking");
            }
        }
        if (served.pooling() != Pooling.NONE && served.pooling() != Pooling.RANK) {
            capabilities.add("embedding");
        }
        return capabilities;
    }

    /** A text of the model's file; empty if there is none. */
    private String string(String key) {
        GgufMetadata metadata = served.open().metadata();
        try {
            return metadata.string(key, "");
        } catch (ModelFormatException notText) {
            return "";
        }
    }
}
