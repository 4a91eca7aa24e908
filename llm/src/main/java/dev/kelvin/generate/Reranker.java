// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.nn.ClassifierHead;
import dev.kelvin.nn.Decoder;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * Scores how well documents answer a query: the larger, the better. Query and document go through the model as one
 * text; many texts go together, and no score depends on the others, to the bit. Rejects null; for one thread at a time.
 *
 * <p>A model with a classifier gives the number of its first label: as it is, or where its architecture says so (qwen3)
 * as a share of 1. One without, which then must be a qwen3 model, gives p(yes) / (p(yes) + p(no)) of its next token.
 *
 * <p>Encoders see query and document as tokens of one type, as llama.cpp computes them.
 */
public final class Reranker {
    /** Stands for the query in templates. */
    private static final String QUERY = "{query}";

    /** Stands for the document in templates. */
    private static final String DOCUMENT = "{document}";

    /** Source: the model card of Qwen/Qwen3-Reranker-0.6B. */
    private static final String QWEN3_TEMPLATE = "<|im_start|>system\nJudge whether the Document meets the requirements"
            + " based on the Query and the Instruct provided. Note that the answer can only be \"yes\" or \"no\"."
            + "<|im_end|>\n<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that"
            + " answer the query\n<Query>: {query}\n<Document>: {document}<|im_end|>\n<|im_start|>assistant\n<think>\n"
            + "\n</think>\n\n";

    private final Decoder model;
    private final Tokenizer tokenizer;
    private final String template;
    private final int[] answers;
    private final TextRows rows;

    private Reranker(Decoder model, Tokenizer tokenizer, String template, int[] answers) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.template = template;
        this.answers = answers;
        Pooling pooling = model.classifier() == null
                ? Pooling.LAST
                : model.classifier().plan().pooling();
        rows = new TextRows("rerank", model, pooling, (sums, count) -> count);
    }

    /**
     * Prepares a model.
     *
     * @param open an open model, which stays the caller's
     * @throws IllegalArgumentException if the model has no classifier and no words for yes and no
     * @throws ModelFormatException if the file describes no tokenizer that can be used
     */
    public static Reranker of(OpenModel open) throws ModelFormatException {
        Decoder model = open.model();
        Tokenizer tokenizer = open.tokenizer();
        String template = open.rerankTemplate();
        ClassifierHead head = model.classifier();
        if (head != null) {
            String ofHead = head.plan().shares() ? QWEN3_TEMPLATE : null;
            return new Reranker(model, tokenizer, template == null ? ofHead : template, null);
        }
        int[] answers = {word(tokenizer, "yes"), word(tokenizer, "no")};
        if (!open.architecture().equals("qwen3") || answers[0] < 0 || answers[1] < 0) {
            throw new IllegalArgumentException(
                    "rerank: the model has no classifier (cls.output), and is no qwen3 model "
                            + "with the tokens \"yes\" and \"no\"");
        }
        return new Reranker(model, tokenizer, template == null ? QWEN3_TEMPLATE : template, answers);
    }

    private static int word(Tokenizer tokenizer, String word) {
        int[] ids = tokenizer.encode(word);
        return ids.length == 1 ? ids[0] : -1;
    }

    /**
     * The ids that the model sees of a query and a document: those of its template, or else the query as a text of its
     * own and the document behind it.
     */
    public int[] pair(String query, String document) {
        if (template == null) {
            int[] first = tokenizer.surround(tokenizer.encode(query));
            int[] second = tokenizer.surround(tokenizer.encode(document));
            int begins = tokenizer.surround(new int[0]).length == 0 || second[0] != first[0] ? 0 : 1;
            return joined(first, Arrays.copyOfRange(second, begins, second.length));
        }
        if (spellsNothing(query) && spellsNothing(document)) {
            return tokenizer.encode(filled(query, document), true);
        }
        int[] ids = {};
        for (String part :
                template.split("(?=\\{query\\})|(?<=\\{query\\})|(?=\\{document\\})|(?<=\\{document\\})", -1)) {
            int[] piece =
                    switch (part) {
                        case QUERY -> tokenizer.encode(query);
                        case DOCUMENT -> tokenizer.encode(document);
                        default -> tokenizer.encode(part, true);
                    };
            ids = joined(ids, piece);
        }
        return ids;
    }

    /** The template with both texts, each in its place whatever the other spells. */
    private String filled(String query, String document) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < template.length(); ) {
            if (template.startsWith(QUERY, at)) {
                text.append(query);
                at += QUERY.length();
            } else if (template.startsWith(DOCUMENT, at)) {
                text.append(document);
                at += DOCUMENT.length();
            } else {
                text.append(template.charAt(at++));
            }
        }
        return text.toString();
    }

    /** Whether a text has no control token spelled out, which must stay ordinary text. */
    private boolean spellsNothing(String text) {
        return Arrays.equals(tokenizer.encode(text), tokenizer.encode(text, true));
    }

    private static int[] joined(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /**
     * Scores documents.
     *
     * @return a score for each, in their order
     * @throws IllegalArgumentException if a document is too long for the model's context
     */
    public float[] scores(String query, List<String> documents) {
        return scores(documents.stream().map(document -> pair(query, document)).toList());
    }

    /**
     * Scores texts that are query and document together.
     *
     * @param pairs ids of each, as {@link #pair} makes them
     * @return a score for each, in their order
     * @throws IllegalArgumentException if a text is empty, longer than the model's context or has an id outside the
     *     vocabulary
     */
    public float[] scores(List<int[]> pairs) {
        HeapTensor vectors = rows.of(pairs);
        float[] scores = new float[pairs.size()];
        ClassifierHead head = model.classifier();
        HeapTensor numbers = HeapTensor.zeros(
                1, head == null ? model.head().vocabSize() : head.plan().labels());
        for (int i = 0; i < scores.length; i++) {
            if (head == null) {
                model.head().forward(vectors.rowRange(i, i + 1), numbers);
                double difference = (double) numbers.data()[answers[1]] - numbers.data()[answers[0]];
                scores[i] = (float) (1 / (1 + StrictMath.exp(difference)));
            } else {
                head.forward(vectors.rowRange(i, i + 1), numbers);
                scores[i] = numbers.data()[0];
            }
        }
        return scores;
    }
}
