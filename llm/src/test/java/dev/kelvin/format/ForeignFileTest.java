// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is opened by mistake is named as what it is. */
class ForeignFileTest {
    @TempDir
    Path folder;

    private ModelFormatException refused(byte[] bytes) throws IOException {
        Path path = Files.write(folder.resolve("model.gguf"), bytes);
        return assertThrows(
                ModelFormatException.class, () -> GgufFile.open(path).close());
    }

    /** Each char of the text is a byte. */
    private String found(String bytes) throws IOException {
        return refused(bytes.getBytes(StandardCharsets.ISO_8859_1)).found();
    }

    @Test
    void aGitLfsPointer() throws IOException {
        String pointer =
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d".repeat(32) + "\nsize 4920734272\n";
        assertEquals(
                "a Git LFS pointer of 135 bytes that stands for 4,920,734,272 bytes; git lfs pull fetches it",
                found(pointer));
    }

    @ParameterizedTest
    @CsvSource({
        "<!DOCTYPE html>",
        "' \n<html lang=\"en\">'",
        "<!-- a --><!doctype html><head>",
        "\u00ef\u00bb\u00bf<HTML>"
    })
    void anHtmlPage(String begin) throws IOException {
        String page = begin + "<title>404 \u00c3\u00a9</title>" + "<p>text</p>".repeat(100);
        assertEquals("an HTML page, as a download ends in that was answered with a page", found(page));
    }

    @Test
    void aSafetensorsFile() throws IOException {
        assertEquals(
                "a safetensors file; give the folder that holds it with its config.json",
                found("\u0010\0\0\0\0\0\0\0{\"t\":{}}        "));
    }

    @Test
    void archivesAndCheckpoints() throws IOException {
        String zip = "PK\3\4" + "\0".repeat(26);
        assertEquals("a ZIP archive; unpack it first", found(zip + "model/weights.bin"));
        String pickle = "a PyTorch checkpoint or another Python pickle; convert it to GGUF or safetensors";
        assertEquals(pickle, found(zip + "pytorch_model/data.pkl"));
        for (String protocol : new String[] {"\2", "\3", "\4", "\5"}) {
            assertEquals(pickle, found("\u0080" + protocol + "}q\0."));
        }
        assertEquals("a gzip archive; unpack it first", found("\u001f\u008b\u0008\0\0\0\0\0"));
        assertEquals("a tar archive; unpack it first", found("model.gguf" + "\0".repeat(247) + "ustar\00000"));
        assertEquals("a zstd archive; unpack it first", found("(\u00b5/\u00fd\0\0"));
    }

    @ParameterizedTest
    @CsvSource({"lmgg, ggml", "fmgg, ggmf", "tjgg, ggjt"})
    void oldFormatsOfGgml(String magic, String name) throws IOException {
        assertEquals(
                "a model in an old format of ggml (" + name
                        + "), which GGUF has replaced; convert the original model again",
                found(magic + "\1\0\0\0"));
        assertEquals("a LoRA adapter in an old format of ggml (ggla), which is no model", found("algg\1\0\0\0"));
    }

    @Test
    void zerosAndTexts() throws IOException {
        assertEquals(
                "zeros, as a download has that is not finished",
                refused(new byte[5000]).found());
        assertEquals(
                "a JSON text that begins with \"{\"error\":\"Invalid credentials in Authorization header\"}\"",
                found("{\"error\":\"Invalid credentials in Authorization header\"}"));
        assertEquals("a text that begins with \"Entry not found\"", found("Entry not found"));
        assertEquals(
                "a text that begins with \"" + "x".repeat(60) + "...\"", found("x".repeat(1000) + "\nanother line"));
        // A character is cut where the beginning ends.
        assertEquals("a text that begins with \"" + "x".repeat(60) + "...\"", found("x".repeat(511) + "\u00c3\u00a9"));
        assertEquals("01 02 03 04 \"....\"", found("\1\2\3\4\5"));
    }

    @Test
    void aDownloadThatWasCutShort() throws IOException {
        byte[] whole = Files.readAllBytes(SharedData.require("stories260K/stories260K.gguf"));
        ModelFormatException e = refused(Arrays.copyOf(whole, 600_000));
        assertEquals("a file that is cut short: 600,000 of 1,185,440 bytes", e.found());
        for (int length : new int[] {1_185_300, 30_000}) {
            assertEquals(
                    String.format("a file that is cut short: %,d of 1,185,440 bytes", length),
                    refused(Arrays.copyOf(whole, length)).found());
        }
        for (int length = 4; length < 20_000; length += 97) {
            String message = refused(Arrays.copyOf(whole, length)).getMessage();
            assertTrue(message.contains("cut short"), message);
        }
    }
}
