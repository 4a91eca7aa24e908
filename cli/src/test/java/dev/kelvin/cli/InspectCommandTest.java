// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    @TempDir
    Path folder;

    @Test
    void showsAFileWithoutObeyingIt() throws IOException {
        Path model = TinyModel.write(folder.resolve("tiny.gguf"));
        String shown = Outcome.of("inspect", model.toString()).result();
        assertTrue(shown.contains("GGUF version 3"), shown);
        assertTrue(shown.contains("\"tiny\\u{1b}[31m\\nmodel\""), shown);
        assertTrue(shown.contains("[16 strings] \"<unk>\", \"<s>\""), shown);
        assertTrue(
                shown.lines()
                        .anyMatch(
                                line -> line.matches(" +blk\\.0\\.attn_k\\.weight +F32 +\\[4, 8\\] +\\d+ +128 +128 B")),
                shown);
        assertTrue(shown.chars().noneMatch(c -> c < ' ' && c != '\n'), shown);
        // The first line is the path, as long as it is.
        shown.lines().skip(1).forEach(line -> assertTrue(Glyphs.columns(line) <= Terminal.COLUMNS, line));
    }

    @Test
    void showsEverythingWhenAsked() throws IOException {
        Path model = TinyModel.write(folder.resolve("tiny.gguf"));
        assertFalse(Outcome.of("inspect", model.toString()).result().contains("日本語"));
        assertTrue(Outcome.of("inspect", "--full", model.toString()).result().contains("日本語"));
    }

    @Test
    void jsonIsComplete() throws IOException {
        Path model = TinyModel.write(folder.resolve("tiny.gguf"));
        Object json = Outcome.of("inspect", model.toString(), "--json").json();
        assertEquals(3L, JsonText.at(json, "version"));
        assertEquals(Files.size(model), JsonText.at(json, "fileBytes"));
        assertEquals("inf", JsonText.at(json, "metadata", "test.infinite"));
        List<?> tokens = JsonText.list(json, "metadata", "tokenizer.ggml.tokens");
        assertEquals(16, tokens.size());
        assertEquals(TinyModel.CLEAR_SCREEN, tokens.get(TinyModel.CLEAR_SCREEN_ID));
        assertEquals(12, JsonText.list(json, "tensors").size());
        assertEquals("token_embd.weight", JsonText.at(json, "tensors", 0, "name"));
        assertEquals(List.of(16L, 8L), JsonText.at(json, "tensors", 0, "shape"));
        assertEquals(512L, JsonText.at(json, "tensors", 0, "byteSize"));
        assertEquals(JsonText.at(json, "dataByteOffset"), JsonText.at(json, "tensors", 0, "byteOffset"));
    }

    @Test
    void showsARealModelInEightyColumns() {
        Path model = SharedData.require("stories260K/stories260K.gguf");
        String shown = Outcome.of("inspect", model.toString()).result();
        assertTrue(shown.contains("1,185,440 bytes (1.1 MiB)"), shown);
        assertTrue(shown.contains("[512 strings] \"<unk>\", \"<s>\", …"), shown);
        shown.lines().skip(1).forEach(line -> assertTrue(Glyphs.columns(line) <= Terminal.COLUMNS, line));
    }

    @Test
    void showsAllPartsOfASplitModel() {
        Path part = SharedData.require("faults/r17-split-00002-of-00002.gguf");
        String shown = Outcome.of("inspect", part.toString()).result();
        assertTrue(shown.contains("66,880 bytes (65.3 KiB) in 2 parts"), shown);
        assertTrue(shown.contains("Tensors (21)"), shown);
        assertTrue(shown.contains("part: offset"), shown);
        Object json = Outcome.of("inspect", "--json", part.toString()).json();
        assertEquals(2, JsonText.list(json, "files").size());
        assertEquals(part.toString(), JsonText.at(json, "tensors", 20, "file"));
    }

    @Test
    void showsWhatTheEngineMakesOfAMixture() {
        Path model = SharedData.require("architectures/qwen3moe.gguf");
        String shown = Outcome.of("inspect", model.toString()).result();
        assertTrue(shown.contains("Model\n"), shown);
        assertTrue(shown.contains("qwen3moe, 2 layers of width 48"), shown);
        Object json = Outcome.of("inspect", "--json", model.toString()).json();
        long all = (Long) JsonText.at(json, "model", "parameters");
        long active = (Long) JsonText.at(json, "model", "activeParameters");
        long expert = 0;
        long tensors = 0;
        for (Object tensor : JsonText.list(json, "tensors")) {
            long elements = JsonText.list(tensor, "shape").stream()
                    .mapToLong(Long.class::cast)
                    .reduce(1, (a, b) -> a * b);
            tensors += elements;
            expert += JsonText.at(tensor, "name").toString().contains("_exps") ? elements : 0;
        }
        assertEquals(tensors, all);
        assertEquals(all - expert * 6 / 8, active, "2 of 8 experts are used");
        // 2 layers, 2 heads of 16, keys and values, 16 pages of 64 positions.
        long floats = 2 * 2 * 16 * 2 * 16 * 64;
        assertEquals(4 * floats, JsonText.at(json, "model", "bytesOf1000Positions", "F32"));
        assertEquals(2 * floats, JsonText.at(json, "model", "bytesOf1000Positions", "F16"));
        assertEquals(0, JsonText.list(json, "obstacles").size());
    }

    /** A key that changes the result, a tensor too many, one of another shape, one missing, and the tokenizer. */
    @Test
    void showsAllThatStandsInTheWay() throws IOException {
        Path model = folder.resolve("hopeless.gguf");
        try (GgufFile file = GgufFile.open(TinyModel.write(folder.resolve("tiny.gguf")))) {
            GgufWriter writer = new GgufWriter()
                    .metadataOf(file, Set.of("tokenizer.ggml.model"))
                    .metadata("tokenizer.ggml.model", "runes")
                    .metadata("llama.attention.max_alibi_bias", 8f)
                    .tensor("blk.0.extra.weight", HeapTensor.zeros(8));
            for (TensorInfo info : file.tensors()) {
                if (info.name().equals("blk.0.ffn_up.weight")) {
                    writer.tensor(info.name(), HeapTensor.zeros(3, 8));
                } else if (!info.name().equals("blk.0.ffn_down.weight")) {
                    writer.tensor(info.name(), file.tensor(info.name()).toHeap());
                }
            }
            writer.write(model);
        }
        String shown = Outcome.of("inspect", model.toString()).result();
        assertTrue(shown.contains("which cannot be computed"), shown);
        for (String item : List.of(
                "tensor blk.0.ffn_up.weight: expected [12, 8], found [3, 8]",
                "tensor blk.0.ffn_down.weight: expected",
                "tensor blk.0.extra.weight: expected",
                "key llama.attention.max_alibi_bias: expected",
                "key tokenizer.ggml.model: expected")) {
            assertTrue(shown.contains(item), item + " in " + shown);
        }
        Object json = Outcome.of("inspect", "--json", model.toString()).json();
        assertEquals(5, JsonText.list(json, "obstacles").size());
        Path foreign = folder.resolve("foreign.gguf");
        new GgufWriter()
                .metadata("general.architecture", "abacus")
                .tensor("beads", HeapTensor.zeros(8))
                .write(foreign);
        String unknown = Outcome.of("inspect", foreign.toString()).result();
        assertTrue(unknown.contains("key general.architecture: expected"), unknown);
    }

    @Test
    void showsAVocabularyWithoutTensors() {
        Path vocabulary = SharedData.require("tokenizers/ggml-vocab-gpt-2.gguf");
        String shown = Outcome.of("inspect", vocabulary.toString()).result();
        assertTrue(shown.contains("Tensors (0)"), shown);
        assertTrue(shown.contains("[50257 strings]"), shown);
        List<?> tokens = JsonText.list(
                Outcome.of("inspect", "--json", vocabulary.toString()).json(), "metadata", "tokenizer.ggml.tokens");
        assertEquals(50257, tokens.size());
    }

    @Test
    void theModelThatComesWithTheProgramIsTheDefault() {
        String shown = Outcome.of("inspect").result();
        assertTrue(shown.startsWith("stories.gguf\n") && shown.contains("general.architecture"), shown);
        assertTrue(Outcome.of("inspect", "--json").result().contains("\"tensors\""));
    }
}
