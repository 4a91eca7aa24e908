// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.PipelineTokenizer.Surround;
import java.util.List;
import java.util.stream.IntStream;

/** What the post-processor of a {@code tokenizer.json} puts around a single text. */
final class JsonSurround {
    private static final Surround NOTHING = new Surround(new int[0], new int[0]);

    private JsonSurround() {}

    /** What a description puts around a text; nothing for null. */
    static Surround of(JsonNode node) throws TokenizerFormatException {
        if (node.isNull()) {
            return NOTHING;
        }
        String type = node.get("type").text();
        return switch (type) {
            case "ByteLevel" -> NOTHING;
            case "BertProcessing", "RobertaProcessing" ->
                new Surround(new int[] {named(node.get("cls"))}, new int[] {named(node.get("sep"))});
            case "TemplateProcessing" -> template(node);
            case "Sequence" -> {
                Surround all = NOTHING;
                for (JsonNode step : node.get("processors").list()) {
                    Surround outer = of(step);
                    all = new Surround(joined(outer.before(), all.before()), joined(all.after(), outer.after()));
                }
                yield all;
            }
            default -> throw node.get("type").defect("no post-processor is called " + type);
        };
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    /** A token as a list of its spelling and its id. */
    private static int named(JsonNode node) throws TokenizerFormatException {
        List<JsonNode> pair = node.list();
        if (pair.size() != 2) {
            throw node.defect("expected a token and its id");
        }
        return pair.get(1).integer();
    }

    private static Surround template(JsonNode node) throws TokenizerFormatException {
        int[] before = new int[0];
        int[] after = new int[0];
        boolean textSeen = false;
        for (JsonNode piece : node.get("single").list()) {
            if (piece.has("Sequence")) {
                if (textSeen) {
                    throw piece.defect("the text stands there twice");
                }
                textSeen = true;
                continue;
            }
            int[] ids = ids(node, piece.get("SpecialToken").get("id").text());
            if (textSeen) {
                after = joined(after, ids);
            } else {
                before = joined(before, ids);
            }
        }
        return new Surround(before, after);
    }

    private static int[] ids(JsonNode node, String name) throws TokenizerFormatException {
        JsonNode token = node.get("special_tokens").get(name);
        List<JsonNode> list = token.get("ids").list();
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = list.get(i).integer();
        }
        return ids;
    }
}
