// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a folder says about texts beside the vocabulary: the ids of the tokens that begin, end and fill up a text, and
 * the template of a conversation.
 */
final class HubTexts {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String TEMPLATE = "tokenizer.chat_template";
    private static final String TEMPLATE_KEY = "chat_template";
    private static final long LONGEST_TEMPLATE = 1 << 20;
    private static final long LONGEST_CONFIG = 8_000_000;
    private static final int MOST_VALUES = 1 << 18;

    /** A model may end in several ways; GGUF has three names for them. */
    private static final List<String> ENDS = List.of("eos_token_id", "eot_token_id", "eom_token_id");

    private final Path folder;
    private final Map<String, Object> keys = new LinkedHashMap<>();

    HubTexts(Path folder, HubConfig config) throws IOException {
        this.folder = folder;
        Path generation = folder.resolve("generation_config.json");
        if (Files.isRegularFile(generation)) {
            ids(HubConfig.read(generation));
        }
        ids(config);
        template();
    }

    /** Metadata by GGUF's names. */
    Map<String, Object> keys() {
        return keys;
    }

    /** The ids that are not known yet. */
    private void ids(HubConfig config) throws ModelFormatException {
        add("bos_token_id", config, List.of("bos_token_id"));
        add("eos_token_id", config, ENDS);
        add("pad_token_id", config, List.of("padding_token_id"));
        add("sep_token_id", config, List.of("seperator_token_id"));
        add("cls_token_id", config, List.of("cls_token_id"));
    }

    private void add(String key, HubConfig config, List<String> names) throws ModelFormatException {
        if (!config.has(key) || keys.containsKey(PREFIX + names.getFirst())) {
            return;
        }
        List<?> ids = config.value(key).orElseThrow() instanceof List<?> list
                ? list
                : List.of(config.value(key).orElseThrow());
        for (int i = 0; i < Math.min(ids.size(), names.size()); i++) {
            if (!(ids.get(i) instanceof Long id) || id != (int) (long) id) {
                throw config.refuse(key, "the id of a token");
            }
            if (id >= 0) {
                keys.put(PREFIX + names.get(i), (int) (long) id);
            }
        }
    }

    private void template() throws IOException {
        additional();
        Path file = folder.resolve("chat_template.jinja");
        if (Files.isRegularFile(file)) {
            keys.put(TEMPLATE, text(file));
            return;
        }
        ofJson("tokenizer_config.json");
        if (!keys.containsKey(TEMPLATE)) {
            ofJson("chat_template.json");
        }
    }

    private void ofJson(String name) throws IOException {
        Path config = folder.resolve(name);
        if (!Files.isRegularFile(config)) {
            return;
        }
        requireAtMost(LONGEST_CONFIG, config);
        try {
            JsonReader.readFields(Files.readAllBytes(config), MOST_VALUES, (field, value) -> {
                if (field.equals(TEMPLATE_KEY)) {
                    template(value);
                }
            });
        } catch (JsonSyntaxException e) {
            throw new ModelFormatException(config, "file", e.offset(), "a JSON object", e.getMessage());
        }
    }

    private static String text(Path template) throws IOException {
        requireAtMost(LONGEST_TEMPLATE, template);
        try {
            return Files.readString(template);
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(template, "file", -1, "UTF-8", "other bytes");
        }
    }

    private static void requireAtMost(long bytes, Path file) throws IOException {
        if (Files.size(file) > bytes) {
            throw new ModelFormatException(
                    file, "file", -1, "at most " + bytes + " bytes", Files.size(file) + " bytes");
        }
    }

    /** Templates for other purposes, by the names of their files. */
    private void additional() throws IOException {
        Path others = folder.resolve("additional_chat_templates");
        if (!Files.isDirectory(others)) {
            return;
        }
        try (Stream<Path> files = Files.list(others)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.matches("[\\w-]+\\.jinja")) {
                    keys.put(TEMPLATE + "." + name.substring(0, name.indexOf('.')), text(file));
                }
            }
        }
    }

    /** One template, or several with names, of which that called default is the one. */
    private void template(Object value) {
        if (value instanceof String text) {
            keys.put(TEMPLATE, text);
        } else if (value instanceof List<?> several) {
            for (Object each : several) {
                if (each instanceof Map<?, ?> named
                        && named.get("name") instanceof String name
                        && named.get("template") instanceof String text) {
                    keys.put(name.equals("default") ? TEMPLATE : TEMPLATE + "." + name, text);
                }
            }
        }
    }
}
